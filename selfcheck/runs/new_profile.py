"""A new profile: which account an address names, what can be known of it, and its place in profiles.yaml.

`init` and the web app call it. Laws:
1. An address of a known platform, shipped or added, is recognised without a question to anybody; another
   site is asked only where the caller says so.
2. What can be known there, what cannot, and what the platform says about programs is told before anything is
   opened.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import is_path, known_heads, known_names, load_platform
from selfcheck.platforms.knowledge import Ability, abilities, told_in_words
from selfcheck.platforms.page_urls import is_own, story_id
from selfcheck.platforms.recognition import NamedAccount, known_account, whole_address
from selfcheck.platforms.schema import Platform
from selfcheck.runs.site_recognition import recognise_site


def account_of_address(handle: str, *, ask: Callable[[str], None]) -> NamedAccount:
    """Return the account that an address names. Raise UsageError where no platform is known for it.

    A site of somebody's own is asked which software it runs; `ask` is told so before it is.
    """
    names = known_names()
    if "/" not in handle and "." not in handle:
        raise UsageError(
            f"Which platform is {handle} on?",
            next_step=f"Add --platform with one of {', '.join(names)}, or give your page's address.",
        )
    account = account_on_known_site(handle) or recognise_site(whole_address(handle), say=ask)
    if account is None:
        raise UsageError(
            f"No known platform has addresses such as {handle}.",
            cause="The site does not say that it runs software that is known here, or the address is not of "
            "an author's page.",
            next_step=f"Add --platform with one of {', '.join(names)}, or with a platform file of your own. "
            "Without a file, profiles.yaml takes `platform: learn` (docs/learned-marks.md).",
        )
    return account


def account_on_known_site(text: str) -> NamedAccount | None:
    """Return the account on a known platform's own site, which is asked nothing; None for another site.

    Raise UsageError where it is one of such a platform's pages, but of no author's.
    """
    address = whole_address(text)
    heads = known_heads()
    account = known_account(address, heads)
    if account is None:
        for head in heads:
            if is_own(address, head):
                refuse_page(text, load_platform(head.name), head.name)
    return account


def what_can_be_known(platform: Platform, base_url: str | None = None) -> tuple[str, ...]:
    """Return in lines what a check of this platform can tell, and what it cannot."""
    told = {ability: known for ability, known in abilities(platform).items() if known}
    lines = [f"{ability}: {known}" for ability, known in told.items()]
    if words := told_in_words(platform):
        lines.insert(0, f"a suspension that the public is told of: {words}")
    lines = lines or ["nothing for sure"]
    cannot = [f"no {ability}" for ability in Ability if ability not in told]
    if platform.login_wall:
        cannot.append("Visitors are asked to sign in, so most checks end inconclusive.")
        cannot.append(
            "An account that you have besides can look there (`readers` in your profiles file). This is "
            "not advised: a second account is often itself against the rules."
        )
    says: tuple[str, ...] = ()
    if rules := platform.limits.rules:
        where = f"({rules.url}, read {rules.checked})"
        says = (
            f"What {platform.title} says about programs ({platform.limits.programs}): {rules.says} {where}",
        )
    site = ("Name two accounts of that site in `controls: live`, to compare with.",) if base_url else ()
    cannot.extend(platform.cannot_tell)
    return (
        f"What can be known on {platform.title}:",
        *(f"  {line}" for line in lines),
        *(("What cannot:",) if cannot else ()),
        *(f"  {line}" for line in cannot),
        *says,
        *site,
    )


def refuse_page(text: str, platform: Platform, name: str) -> None:
    """Raise UsageError where this is the address of one of the platform's pages, but of no author's."""
    address = text if "://" in text else f"https://{text}"
    if "/" not in text or not is_own(address, platform):
        return
    if story_id(address, platform):
        raise UsageError(
            f"{text} is the address of a story, which does not name its author.",
            next_step=lambda hints: (
                f"Give your handle, and the story in the file: {example_of_init(hints, name)}"
            ),
        )
    raise UsageError(
        f"{text} is an address of {platform.title}, but not of an author's page.",
        next_step=lambda hints: f"Give your handle: {example_of_init(hints, name)}",
    )


def example_of_init(hints: CommandHints, platform: str) -> str:
    """Return the command that names a handle on this platform."""
    return hints.command("init", "@yourname", "--platform", platform)


_HEAD = """\
# The profiles that selfcheck checks. `{doctor}` checks this file and everything that it needs.
# Every mistake in it is reported with its line, before anything is opened.

profiles:
"""

_OWN = """\
  - name: {name}  # your choice of a-z, A-Z, 0-9 and - _ . ; it names folders and the session
    platform: {platform}
    handle: {handle}  # in quotes, since YAML does not let a value begin with @
    # publications: [my-publication]     # their short names or their addresses
    # stories: {{latest: 5}}               # or a list of addresses
    # session: {name}                    # a saved session of another name
    # controls: {{live: ["@someone"]}}     # accounts that everybody can see
"""

_DEMO = """\
  # The demo author: an account on a small blog platform that selfcheck starts on this machine for the run.
  # It is suspended, and its author was not told. This is what selfcheck is for.
  - name: demo-suspended
    platform: demo
    handle: "@jonah-vey"
    stories: {latest: 2}

  # A healthy account beside it, to compare.
  - name: demo-healthy
    platform: demo
    handle: "@elena-marsh"
    stories: {latest: 2}
"""

_EXAMPLES = """\

  # You, on Medium. Take the `#` away and put your own handle in; then `{login}` once.
  # - name: me                         # your choice of a-z, A-Z, 0-9 and - _ .
  #   platform: medium
  #   handle: "@jane"                    # or the address of your page
  #   publications: [my-publication]     # their short names or their addresses
  #   stories: {latest: 5}               # or a list of addresses

  # A blog of your own: a platform file says what its pages look like, base_url where they are.
  # - name: my-blog
  #   platform: ./myblog.yaml            # `{show}` is one to start from
  #   base_url: https://blog.example.org
  #   handle: jane
  #   controls: {live: [someone]}       # an account there that everybody can see
"""


@dataclass(frozen=True, kw_only=True)
class NewProfile:
    """An account that somebody named, as profiles.yaml has it."""

    name: str
    platform: str  # a shipped platform, or the path of a platform file as the profiles file names it
    handle: str  # as people write it on that platform
    base_url: str | None = None

    @property
    def entry(self) -> dict[str, str]:
        """The keys and values of its entry."""
        entry = {"name": self.name, "platform": self.platform, "handle": self.handle}
        return entry | ({"base_url": self.base_url} if self.base_url else {})


def unused_name(handle: str, platform: str, taken: Collection[str]) -> str:
    """Return a name for a profile of this account that no other has."""
    name = safe_name(handle).lstrip("_@") or "me"
    longer = f"{name}-{safe_name(Path(platform).stem if is_path(platform) else platform)}"
    numbered = (f"{longer}-{number}" for number in count(2))
    return next(one for one in chain((name, longer), numbered) if one not in taken)


def own_file(*profiles: NewProfile, hints: CommandHints = USUAL_HINTS) -> str:
    """Return the text of a profiles file for these accounts."""
    return _commands_filled(_HEAD, hints) + "\n".join(_own_entry(profile) for profile in profiles)


def _own_entry(profile: NewProfile) -> str:
    handle = _quoted(profile.handle, always=True)
    own = _OWN.format(name=_quoted(profile.name), platform=_quoted(profile.platform), handle=handle)
    if profile.base_url:
        base_url = _quoted(profile.base_url, always=True)
        own = own.replace("    # publications", f"    base_url: {base_url}\n    # publications")
    return own


def demo_file(hints: CommandHints = USUAL_HINTS) -> str:
    """Return the text of a profiles file that names the demo's accounts, with examples in comments."""
    return _commands_filled(_HEAD, hints) + _DEMO + _commands_filled(_EXAMPLES, hints)


def _commands_filled(text: str, hints: CommandHints) -> str:
    """Return the text with the commands of its comments, as the user types them."""
    commands = {
        "{doctor}": hints.command("doctor"),
        "{login}": hints.command("login", "me"),
        "{show}": hints.command("platforms", "show", "demo"),
    }
    for place, command in commands.items():
        text = text.replace(place, command)
    return text


def _quoted(text: str, *, always: bool = False) -> str:
    return json.dumps(text, ensure_ascii=False) if always or not text.isidentifier() else text
