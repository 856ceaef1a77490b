"""A network whose names are where a test says, and whose public addresses are on this machine."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from selfcheck.browser.proxy.network import Addresses, UserProxy
from selfcheck.browser.proxy.rules import Endpoint


@dataclass
class LedNetwork:
    """Connections to public addresses end at `port` of this machine, or where `ports` has theirs."""

    names: Mapping[str, str | tuple[str, ...]]  # a name -> its addresses
    port: int = 0
    ports: Mapping[int, int] = field(default_factory=dict)
    proxy: UserProxy | None = None
    resolved: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> Addresses:
        self.resolved.append(host)
        known = self.names.get(host, host)
        found = (known,) if isinstance(known, str) else known
        try:
            numbers = [ip_address(text) for text in found]
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (
                families[one.version],
                socket.SOCK_STREAM,
                6,
                "",
                (str(one), port, *((0, 0) if one.version > 4 else ())),
            )
            for one in numbers
        ]

    async def connect(self, addresses: Addresses) -> socket.socket:
        host, port = addresses[0][4][:2]
        self.connected.append((host, port))
        if ip_address(host).is_global:
            host, port = "127.0.0.1", self.ports.get(port, self.port)
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        made.settimeout(0)
        try:
            await asyncio.get_running_loop().sock_connect(made, (host, port))
        except BaseException:
            made.close()
            raise
        return made

    def proxy_for(self, endpoint: Endpoint, *, tunnel: bool) -> UserProxy | None:
        return self.proxy
