"""What a comparison found, in sentences for the terminal and the page. Pure.

No sentence says that an account is an impostor, or why somebody made it.
"""

from selfcheck.core.text_safety import one_line
from selfcheck.core.times import plural
from selfcheck.impostors.model import AccountComparison, Comparison, LikenessFinding, ReportForm, SeenAccount
from selfcheck.impostors.names import SIMILAR_FROM, Alike, NameLikeness
from selfcheck.impostors.pictures import ALIKE_TO, PictureAlike, PictureLikeness
from selfcheck.platforms.page_reading import CONFIRMED

NO_JUDGEMENT = (
    "selfcheck compares names and pictures. It does not know who made an account, or why: people share names,"
    " and you may have made one yourself and forgotten it. Look before you report."
)

_HEADLINES = {
    LikenessFinding.NAME_AND_PICTURE: "Looks alike in name and picture",
    LikenessFinding.NAME_ONLY: "Alike in name only; the pictures differ",
    LikenessFinding.NAME: "Alike in name; the pictures could not be compared",
    LikenessFinding.PICTURE_ONLY: "Alike in picture only; the names differ",
    LikenessFinding.NEITHER: "Neither name nor picture looks like yours",
    LikenessFinding.UNKNOWN: "Could not tell",
    LikenessFinding.ITSELF: "This is the account itself",
    LikenessFinding.OWN: "This is your own account",
}


def headline(compared: AccountComparison) -> str:
    """Return what was found of one account, without a full stop."""
    found, why = _HEADLINES[compared.finding], one_line(compared.why)
    if compared.finding is LikenessFinding.OWN:
        return f"{found} {why}, from your profiles file; it was not opened"
    if compared.finding is LikenessFinding.ITSELF:
        return f"{found}; it was not opened"
    return f"{found}: {why}" if why else found


def account_line(account: SeenAccount) -> str:
    """Return whose page it is: the name, the handle and the platform."""
    name = one_line(account.name) or "(no name shown)"
    return ", ".join(filter(None, (name, one_line(account.handle)))) + f" on {one_line(account.platform)}"


def name_sentence(what: str, likeness: NameLikeness) -> str:
    """Return how alike two names or handles are; `what` is "Name" or "Handle"."""
    says = {
        Alike.SAME: "the same",
        Alike.LOOKS_THE_SAME: f"looks the same ({'; '.join(likeness.ways)})",
        Alike.SIMILAR: f"similar ({likeness.percent:g} %; similar from {SIMILAR_FROM:g} %)",
        Alike.DIFFERENT: f"different ({likeness.percent:g} %; similar from {SIMILAR_FROM:g} %)",
        Alike.UNKNOWN: "not known",
    }
    return f"{what}: {says[likeness.alike]}."


def picture_sentence(likeness: PictureLikeness) -> str:
    """Return how alike two pictures are."""
    if likeness.bits is not None:
        word = "alike" if likeness.alike is PictureAlike.ALIKE else "different"
        return f"Picture: {word} ({likeness.bits} of 256 bits differ; alike up to {ALIKE_TO})."
    if likeness.alike is PictureAlike.DIFFERENT:
        return f"Picture: different; {likeness.why}."
    return f"Picture: not compared; {one_line(likeness.why)}."


def likeness_lines(compared: AccountComparison) -> tuple[str, ...]:
    """Return how alike name, handle and picture are; nothing where the page was not read."""
    if compared.name is None or compared.handle is None or compared.picture is None:
        return ()
    return (
        name_sentence("Name", compared.name),
        name_sentence("Handle", compared.handle),
        picture_sentence(compared.picture),
    )


def report_lines(compared: AccountComparison) -> tuple[str, ...]:
    """Return where such an account can be reported, and on whose word; nothing of one's own accounts."""
    if compared.finding in {LikenessFinding.ITSELF, LikenessFinding.OWN, LikenessFinding.NEITHER}:
        return ()
    if compared.report is None and compared.account is None:
        return ()
    if compared.report is None:
        return ("Where to report it is not known to selfcheck; look for “Report” on the page.",)
    form = compared.report
    return (
        f"If you want to report it to {form.platform}: {form.place}",
        form.facts.says,
        _on_whose_word(form),
    )


def _on_whose_word(form: ReportForm) -> str:
    sure = "" if form.facts.tag == CONFIRMED else "Not confirmed. "
    seen = "" if form.facts.seen == "never" else f" (seen {form.facts.seen})"
    return f"{sure}Source: {form.facts.source.rstrip('.')}{seen}."


def tally(comparison: Comparison) -> str:
    """Return in one sentence how many of the accounts look alike."""
    count = len(comparison.accounts)
    alike = sum(compared.finding.is_alike for compared in comparison.accounts)
    unknown = sum(compared.finding is LikenessFinding.UNKNOWN for compared in comparison.accounts)
    parts = [
        f"{alike or 'none'} of {plural(count, 'account')} {'looks' if alike <= 1 else 'look'} like yours"
    ]
    if unknown:
        parts.append(f"of {unknown} it could not be told")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def not_proven(comparison: Comparison) -> str:
    """Return why nothing was looked at."""
    return (
        f"Nothing was looked at, since the session of {one_line(comparison.profile)} is not proved to be that"
        f" account's: {one_line(comparison.proof)}."
    )
