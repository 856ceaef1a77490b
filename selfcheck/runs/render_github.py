"""A run for GitHub Actions: annotations on standard output, and a Markdown summary of the job.

Laws:
1. Nothing from a page can start a workflow command of its own: line breaks, `%`, `:` and `,` are escaped.
2. Nothing from a page becomes Markdown or HTML: what has a meaning there is escaped.
"""

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Verdict
from selfcheck.core.headlines import profile_headline
from selfcheck.core.labels import (
    page_name,
    page_word,
    seen_by,
    session_trouble,
    tally,
    unopened_words,
    waiting_sentence,
)
from selfcheck.core.run import RunResult
from selfcheck.core.text_safety import ascii_address, is_link, markdown_text, one_line
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, UnopenedPage

_LEVEL = {
    Verdict.VISIBLE: "notice",
    Verdict.LIMITED: "error",
    Verdict.HIDDEN: "error",
    Verdict.SUSPENDED: "error",
    Verdict.MISSING: "error",
    Verdict.INCONCLUSIVE: "warning",
}
_ICON = {
    Verdict.VISIBLE: "✅",
    Verdict.LIMITED: "🟠",
    Verdict.HIDDEN: "🔴",
    Verdict.SUSPENDED: "🔴",
    Verdict.MISSING: "🔴",
    Verdict.INCONCLUSIVE: "❔",
}


def annotations(result: RunResult) -> str:
    """Return one workflow command per profile, session trouble and failure, and one for all that wait."""
    lines = [annotation("error", "selfcheck itself failed", failure) for failure in result.failures]
    if waiting := waiting_sentence(result):
        lines.append(annotation("warning", "Not checked", waiting))
    for profile in result.profiles:
        trouble = session_trouble(profile)
        if trouble:
            lines.append(annotation("warning", f"{profile.name}: session", trouble))
        headline = profile_headline(profile)
        lines.append(annotation(_LEVEL[profile.verdict], f"{profile.name}: {headline}", profile.summary))
    return "".join(f"{line}\n" for line in lines)


def warnings(title: str, texts: tuple[str, ...]) -> str:
    """Return one warning for each text, each on its own line."""
    return "".join(f"{annotation('warning', title, text)}\n" for text in texts)


def annotation(level: str, title: str, message: str) -> str:
    """Return the workflow command that notes something (notice, warning, error) on the job's page."""
    safe_title = _data(one_line(title)).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={safe_title}::{_data(one_line(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def summary(result: RunResult) -> str:
    """Return the run as GitHub Markdown, for `$GITHUB_STEP_SUMMARY`."""
    lines = [f"## selfcheck: {tally(result)}", ""]
    lines += [f"- ❌ selfcheck itself failed: {markdown_text(failure)}" for failure in result.failures]
    if waiting := waiting_sentence(result):
        lines.append(f"- {_ICON[Verdict.INCONCLUSIVE]} {markdown_text(waiting)}")
    for profile in result.profiles:
        lines += _profile(profile)
    return "\n".join(lines) + "\n"


def _profile(profile: ProfileVerdict) -> list[str]:
    headline = profile_headline(profile)
    trouble = session_trouble(profile)
    notes = [note for note in (trouble, *profile.notes) if note]
    return [
        f"### {_ICON[profile.verdict]} {markdown_text(profile.name)}: {markdown_text(headline)}",
        "",
        *(f"> {markdown_text(note)}\n" for note in notes),
        markdown_text(profile.summary),
        "",
        "| Page | Verdict | Logged-out visitors see | The author sees | Rule |",
        "| --- | --- | --- | --- | --- |",
        *(_row(page) for page in profile.pages),
        *(_unopened_row(page) for page in profile.not_opened),
        "",
        *(("**What to do next**", "") if profile.next_steps else ()),
        *(f"1. {markdown_text(step)}" for step in profile.next_steps),
        "",
    ]


def _unopened_row(page: UnopenedPage) -> str:
    return f"| {_link(page)} | not opened | {markdown_text(unopened_words(page))} |  |  |"


def _link(page: PageVerdict | UnopenedPage) -> str:
    name, address = markdown_text(page_name(page)), ascii_address(page.url).replace("|", "%7C")
    return f"[{name}](<{address}>)" if is_link(page.url) else name


def _row(page: PageVerdict) -> str:
    cells = (
        _link(page),
        f"{_ICON[page.verdict]} {page_word(page)[0]}",
        markdown_text(seen_by(page.views.get(ANONYMOUS), viewpoint=ANONYMOUS)),
        markdown_text(seen_by(page.views.get(AUTHOR), viewpoint=AUTHOR)),
        markdown_text(page.rules[0]) if page.rules else "",
    )
    return f"| {' | '.join(cells)} |"
