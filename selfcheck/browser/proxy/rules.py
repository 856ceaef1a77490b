"""Which hosts and ports a viewpoint's pages may connect to. Pure: the server asks, this answers.

Laws:
1. Names are judged before they are resolved, and every address that they resolve to afterwards: one that is
   not public refuses the name.
2. The profile's own site may be anywhere: at the address and port of its home. One that has public addresses
   is public, whatever others it names: it cannot lead its own page to them afterwards. What else its
   platform file names may be within only where the home is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from selfcheck.core.hosts import (
    address_of,
    host_of,
    is_of_site,
    is_private,
    is_public,
    split_address,
    translation_of,
)

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WEB_PORTS = frozenset(_DEFAULT_PORTS.values())
_FIRST_FREE_PORT = 1024
"""Below it are the ports of mail, files and remote control; a public page asks for none of them."""


class Endpoint(NamedTuple):
    """Where a connection leads: a host in lower case without brackets, and a port."""

    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Return it as it stands in an address, without a port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in _WEB_PORTS else f"{host}:{self.port}"

    @property
    def with_port(self) -> str:
        """Return it as it stands in the request for a tunnel."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Return it as an address."""
        return f"{'http' if self.port == _DEFAULT_PORTS['http'] else 'https'}://{self.netloc}/"


def endpoint_of(url: str) -> Endpoint | None:
    """Return where an http or https address leads; None where it leads nowhere."""
    host = host_of(url)
    try:
        parts = split_address(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return Endpoint(host, port) if host and port else None


@dataclass(kw_only=True)
class ReachRules:
    """What one viewpoint's pages may reach."""

    home: Endpoint | None  # of the profile's own site
    sites: tuple[str, ...] = ()  # the platform's own hosts
    unwanted: tuple[str, ...] = ()  # hosts that no page needs
    pages: set[Endpoint] = field(default_factory=set)  # those that were opened so far, not those they ask for

    def name_refusal(self, asked: Endpoint) -> str | None:
        """Return why a host and port are refused before the name is resolved, or None."""
        if any(is_of_site(asked.host, host) for host in self.unwanted):
            return "a host that no page needs"
        if self.is_own(asked):
            return None
        address = address_of(asked.host)
        if is_private(asked.host) or (address is not None and not is_public(address)):
            return "a private or reserved address, or another port of the site's own"
        if address is None and "." not in asked.host:
            return "a name without a dot is one of the local network"
        if asked.port not in _WEB_PORTS and asked.port < _FIRST_FREE_PORT:
            return f"port {asked.port} is not one of the web"
        return None

    def usable(
        self, asked: Endpoint, addresses: Iterable[IPv4Address | IPv6Address], *, home_is_within: bool
    ) -> frozenset[IPv4Address | IPv6Address]:
        """Return those of a name's addresses that may be connected to: none where one of them is private.

        In a network with NAT64 each IPv4 address comes in a translated form too; that is accepted only beside
        the very address that it leads to, which is checked as well.
        """
        found = frozenset(addresses)
        own = self.is_own(asked)
        if asked == self.home:
            return frozenset(one for one in found if all_public(found & {one, translation_of(one)})) or found
        if own and (home_is_within or is_private(asked.host)):
            return found
        return found if all_public(found) else frozenset()

    def is_own(self, asked: Endpoint) -> bool:
        """Return whether this is the profile's own site: a host of the platform, at a port of its pages."""
        own = {self.home, *self.pages} - {None}
        if asked in own:
            return True
        ports = {endpoint.port for endpoint in own if endpoint is not None}
        if ports & _WEB_PORTS:
            ports |= _WEB_PORTS
        return asked.port in ports and any(is_of_site(asked.host, site) for site in self.sites)


def all_public(addresses: Iterable[IPv4Address | IPv6Address]) -> bool:
    """Return whether a name's addresses are all ordinary ones of the public internet."""
    found = frozenset(addresses)
    return all(is_public(address) or translation_of(address) in found for address in found)
