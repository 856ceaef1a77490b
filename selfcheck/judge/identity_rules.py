"""Rules about a page that is not the one asked for, or that nothing knows."""

from selfcheck.core.case import OUTAGES
from selfcheck.core.enums import (
    ANONYMOUS,
    ControlKind,
    LedTo,
    MonitoringGap,
    Outcome,
    PageKind,
    SignKind,
    Verdict,
)
from selfcheck.core.labels import LED_TO_PHRASE
from selfcheck.core.observation import Observation
from selfcheck.judge.page_evidence import LOOKS_TO_CONFIRM, OWNERS_CHOICE, PageEvidence
from selfcheck.judge.rule import PAGES, Layer, Rule

_TELLING = frozenset({LedTo.HOME, LedTo.LIST, LedTo.SEARCH, LedTo.ANOTHER_SUBJECT})
"""Where platforms lead visitors instead of saying "not found". A sign-in page is a wall, and what lies
elsewhere may be a consent page, a maintenance page or the page itself at a new address."""


def _led_elsewhere(evidence: PageEvidence) -> str | None:
    public, author = evidence.anonymous, evidence.author
    if public is None or public.outcome is not Outcome.UNRECOGNISED or not evidence.may_be_compared:
        return None
    if author is None or author.outcome is not Outcome.SHOWN or not author.signed_in:
        return None
    answers = [look for look in evidence.looks() if look.outcome not in OUTAGES]
    if not all(_was_led(look) for look in answers):
        return None
    # Some platforms lead everybody but its author away from a draft.
    if evidence.could_be_kept or evidence.sign(*OWNERS_CHOICE, SignKind.CONSENT):
        return None
    if len(answers) < LOOKS_TO_CONFIRM and not evidence.can_look_again:
        return None  # a second page load was not to be had, and one alone proves nothing
    assert public.led_to is not None
    return (
        f"Logged-out visitors who open the {evidence.noun} are led to {LED_TO_PHRASE[public.led_to]}; "
        f"the author sees it."
    )


def _was_led(look: Observation) -> bool:
    """Return whether its address changed to a telling one; another's page at its own address is a riddle."""
    return look.led_to in _TELLING and look.final_url.rstrip("/") != look.url.rstrip("/")


def _feed_unread(evidence: PageEvidence) -> str | None:
    # A lean file may never have known a feed, so another's is compared where there is one.
    public = evidence.anonymous
    if public is None or public.outcome is not Outcome.UNRECOGNISED or _others_unread(evidence):
        return None
    if public.led_to is not None:
        return f"Logged-out visitors who open the feed are led to {LED_TO_PHRASE[public.led_to]}."
    if not evidence.may_be_compared:
        return None
    others = f", while that of {evidence.live_controls[0].handle} does" if evidence.live_controls else ""
    return f"The feed that logged-out visitors get does not look like a feed{others}."


def _others_unread(evidence: PageEvidence) -> bool:
    """Return whether the same happens to a feed that everybody should see."""
    feeds = (reading for reading in evidence.case.controls if reading.page is PageKind.FEED)
    live = [reading.outcome for reading in feeds if reading.kind is ControlKind.LIVE]
    return Outcome.UNRECOGNISED in live and Outcome.SHOWN not in live


def _unrecognised(evidence: PageEvidence) -> str | None:
    if _led_elsewhere(evidence) or (evidence.kind is PageKind.FEED and _feed_unread(evidence)):
        return None
    for who, look in (("logged-out visitors get", evidence.anonymous), ("the author gets", evidence.author)):
        if look and look.outcome is Outcome.UNRECOGNISED:
            if look.led_to is not None:
                quote = f" ({look.quote})" if look.quote else ""
                led = f"it led to {LED_TO_PHRASE[look.led_to]}{quote}"
                return f"The page that {who} is not the {evidence.noun}: {led}."
            if look.quote:  # why it could not be read
                return f"The page that {who} could not be read: {look.quote}"
            return f"The page that {who} matches nothing known; the platform may have changed its layout."
    return None


IDENTITY_RULES: tuple[Rule, ...] = (
    Rule(
        id="page.led-elsewhere",
        layer=Layer.CONTENT,
        claims=Verdict.HIDDEN,
        kinds=PAGES,
        recheck=(ANONYMOUS,),
        fallback=True,
        likely_only=True,
        rests_on_control=True,
        check=_led_elsewhere,
        evidence="Some platforms lead visitors to the front page or a list where others answer 'not found'.",
        looks_at="Where the logged-out page ended, twice; that the signed-in author is shown the page, "
        "and that a live control of the same kind of page stayed where it is.",
        false_positives="A new handle whose old address leads on, or a campaign that leads everybody on.",
        would_change="Logged-out visitors being shown the page itself.",
    ),
    Rule(
        id="feed.unread",
        layer=Layer.CONTENT,
        claims=Verdict.INCONCLUSIVE,
        kinds=(PageKind.FEED,),
        recheck=(ANONYMOUS,),
        rests_on_control=True,
        reserved=True,
        check=_feed_unread,
        evidence="A feed that cannot be read does not accuse, but the account is not surely fine either.",
        looks_at="Whether the feed led elsewhere or is not one, logged out, and a live control's feed.",
        false_positives="A feed that its owner turned off, or one that the platform moved.",
        would_change="The feed being read, or a live control's feed that cannot be read either.",
        gap=MonitoringGap.UNRECOGNISED,
    ),
    Rule(
        id="page.unrecognised",
        layer=Layer.CONTENT,
        claims=Verdict.INCONCLUSIVE,
        check=_unrecognised,
        fallback=True,
        evidence="A page that matches no mark, or is another page, is not taken for anything.",
        looks_at="Whether any mark of the platform file holds, and whether the page is the one asked for.",
        false_positives="A changed layout: the page may be as healthy as ever.",
        would_change="A platform file that knows the page.",
        next_step="Open the saved page. If it looks right, the platform file needs an update: "
        "`{export}` makes a case of it for a bug report.",
        gap=MonitoringGap.UNRECOGNISED,
    ),
)
