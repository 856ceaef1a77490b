"""A run as the terminal shows it at its end.

Laws:
1. What is wrong with a session is said first: without it the rest says less than it seems to.
2. Then, per profile: the verdict, what the public sees, what the author sees, why, what would change it,
   what to do, where to look.
3. No line is longer than the width, but for paths, addresses and commands, which stay whole to be copied; a
   command has a line of its own.
4. No colour unless it is asked for, and never a meaning in the colour alone. The last line explains the exit.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.text import Text

from selfcheck.core.cli_hints import command_at_end, command_parts
from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind, Verdict
from selfcheck.core.headlines import main_page, page_headline, profile_headline
from selfcheck.core.labels import (
    STRENGTH_WORD,
    VERDICT_TONE,
    VERDICT_WORD,
    LoginCommand,
    exit_sentence,
    page_name,
    page_word,
    seen_by,
    session_trouble,
    tally,
    unopened_words,
    usual_login,
    waiting_sentence,
    whose,
)
from selfcheck.core.run import RunResult
from selfcheck.core.terminal_text import TONE_STYLE, terminal_text
from selfcheck.core.text_safety import ascii_address, one_line
from selfcheck.core.times import plural
from selfcheck.core.verdict import PageVerdict, ProfileVerdict
from selfcheck.storage.data_folder import RUN_REPORT

_LABEL = 15  # columns that a label takes


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A paragraph: what follows its first line stands below where its text began."""

    text: str
    head: str = ""
    style: str = ""
    whole: bool = False  # it is never broken


def run_text(
    result: RunResult,
    *,
    folder: str,
    written: Collection[str] | None = None,
    width: int = 80,
    colour: bool = False,
    login: LoginCommand = usual_login,
) -> str:
    """Return the run as text for people; `folder` is the run's folder as the user would write it.

    `written` holds the paths within the folder that may be pointed to; None: all that a run writes.
    """
    parts = (
        Text(part, style=line.style)
        for line in (*_troubles(result, login), *_lines(result, folder, written))
        for part in _wrapped(line, width)
    )
    return terminal_text(parts, width=width, colour=colour)


def _wrapped(line: _Line, width: int) -> Iterator[str]:
    """Yield the line in parts that fit; only a path or an address that is too long goes beyond the width."""
    if line.whole:
        yield f"{line.head}{line.text}"
        return
    room = width - cell_len(line.head)
    parts = [""]
    for word in _words(line.text, room):
        longer = f"{parts[-1]} {word}".lstrip()
        if cell_len(longer) <= room or not parts[-1]:
            parts[-1] = longer
        else:
            parts.append(word)
    for number, part in enumerate(parts):
        head = line.head if number == 0 else " " * cell_len(line.head)
        yield f"{head}{part}".rstrip()


def _words(text: str, room: int) -> Iterator[str]:
    """Yield the words; one that is too long is broken, unless it is a path or an address."""
    for word in text.split(" "):
        whole = "/" in word or "\\" in word or cell_len(word) <= room
        yield from [word] if whole else chop_cells(word, room)


def _lines(result: RunResult, folder: str, written: Collection[str] | None) -> Iterator[_Line]:
    for profile in result.profiles:
        yield from _profile(profile, folder, written)
    seconds = (result.finished_at - result.started_at).total_seconds()
    views = sum(result.page_views.values())
    yield _line(f"{plural(len(result.profiles), 'profile')}: {tally(result)}.")
    if waiting := waiting_sentence(result):
        yield _line(waiting)
    where, path = _where(result, folder, written)
    yield _line(f"{plural(views, 'page view')} in {seconds:.0f} s. {where}")
    yield from [_Line(text=one_line(path), head="  ", whole=True)] if path else []
    yield _line("")
    yield _line(exit_sentence(result), style="bold")


def _where(result: RunResult, folder: str, written: Collection[str] | None) -> tuple[str, str]:
    """Return where to read on, and the path; a file that could not be written is not pointed to."""
    if written is None or RUN_REPORT in written:
        lead = "What was finished" if result.failures else "Everything"
        return f"{lead} is in the report:", f"{folder}/{RUN_REPORT}"
    if written:
        return "The report could not be written. What could be lies in:", folder
    return "Nothing of it could be written.", ""


def _with_command(text: str, head: str) -> Iterator[_Line]:
    """Yield a sentence, and below it the command that it ends in."""
    before, command = command_at_end(one_line(text))
    yield _line(before, head)
    if command:
        yield _Line(text=command, head=" " * (cell_len(head) + 2), whole=True)


def _line(text: str, head: str = "", *, style: str = "") -> _Line:
    return _Line(head=head, text=one_line(text), style=style)


def _troubles(result: RunResult, login: LoginCommand) -> Iterator[_Line]:
    sessions = [trouble for profile in result.profiles if (trouble := session_trouble(profile, login))]
    failures = [f"selfcheck itself failed: {one_line(failure)}" for failure in result.failures]
    if not sessions and not failures:
        return
    yield _line("First:", style="bold yellow")
    for trouble in (*sessions, *failures):
        yield from _with_command(trouble, "  ! ")
    yield _line("")


def _profile(profile: ProfileVerdict, folder: str, written: Collection[str] | None) -> Iterator[_Line]:
    headline = profile_headline(profile)
    style = TONE_STYLE[VERDICT_TONE[profile.verdict]]
    sure = "" if profile.verdict is Verdict.INCONCLUSIVE else f" ({STRENGTH_WORD[profile.strength]})"
    yield _line(f"{profile.name}: {whose(profile)}", style="bold")
    yield _line(f"{headline.upper()}{sure}", "  ", style=style)
    yield _line(profile.summary, "  ")
    for note in profile.notes:
        yield from _with_command(note, "  Note: ")
    yield _line("")
    yield from _views(profile)
    yield from _labelled("Why", _reasons(profile))
    yield from _labelled("Would change it", [profile.would_change] if profile.would_change else [])
    yield from _others(profile)
    yield from _steps(profile)
    yield from _pictures(profile, folder, written)
    yield _line("")


def _views(profile: ProfileVerdict) -> Iterator[_Line]:
    page = main_page(profile)
    if page is None:
        return
    yield from _labelled("The page", [f"{page_name(page)} {ascii_address(page.url)}"])
    yield from _labelled("The public sees", [seen_by(page.views.get(ANONYMOUS), viewpoint=ANONYMOUS)])
    yield from _labelled("You see", [seen_by(page.views.get(AUTHOR), viewpoint=AUTHOR)])
    for who, look in page.readers.items():
        yield from _labelled(f"Your {who} sees", [seen_by(look, viewpoint=who)])


def _reasons(profile: ProfileVerdict) -> Iterator[str]:
    """Yield why, except for what the other pages' lines say anyway."""
    elsewhere = {page.firings[0].rule for page in _with_finding(profile) if page.firings}
    main = main_page(profile)
    own = [hit for hit in profile.firings if hit.rule not in elsewhere or (main and hit in main.firings)]
    yield from (hit.reason for hit in own or profile.firings)


def _with_finding(profile: ProfileVerdict) -> list[PageVerdict]:
    main = main_page(profile)
    return [page for page in profile.pages if page is not main and page.verdict is not Verdict.VISIBLE]


def _others(profile: ProfileVerdict) -> Iterator[_Line]:
    """Say what became of the other pages, the ones with a finding by name."""
    main = main_page(profile)
    affected = _with_finding(profile)
    well = [page for page in profile.pages if page is not main and page not in affected]
    good = [page for page in well if page_word(page)[0] == VERDICT_WORD[Verdict.VISIBLE]]
    stats = [page for page in well if page.kind is PageKind.STATS]
    kept = [page for page in well if page not in good and page not in stats]
    quote = _quote(main)
    lines = [
        *(_finding(page, quote) for page in affected),
        *(f"{page_name(page)}: {page_headline(page, 'it')}" for page in kept),
        *([f"{plural(len(good), 'page')} visible"] if good else []),
        *(f"{page_name(page)}: only the author can open it; it opened" for page in stats),
        *(f"{page_name(page)}: {unopened_words(page)}" for page in profile.not_opened),
    ]
    yield from _labelled("Other pages", lines)


def _finding(page: PageVerdict, quote: str) -> str:
    reason = f": {one_line(page.firings[0].reason)}" if page.firings else ""
    if quote and _quote(page) == quote:
        reason = ", in the same words"
    return f"{page_name(page)}: {page_word(page)[0].lower()}{reason}"


def _quote(page: PageVerdict | None) -> str:
    look = page.views.get(ANONYMOUS) if page else None
    return look.own_words if look else ""


def _steps(profile: ProfileVerdict) -> Iterator[_Line]:
    label = "What to do"
    for number, step in enumerate(profile.next_steps, start=1):
        for part, is_command in command_parts(f"{number}. {step}"):
            text = one_line(part).removeprefix(". ")
            yield _Line(text=text, head=f"  {label:<{_LABEL}}  {'   ' * is_command}", whole=is_command)
            label = ""


def _pictures(profile: ProfileVerdict, folder: str, written: Collection[str] | None) -> Iterator[_Line]:
    page = main_page(profile)
    if page is not None and page.side_by_side and (written is None or page.side_by_side in written):
        path = one_line(f"{folder}/{page.side_by_side}")
        yield _Line(text=path, head=f"  {'Side by side':<{_LABEL}}  ", whole=True)


def _labelled(label: str, texts: Iterable[str]) -> Iterator[_Line]:
    for number, text in enumerate(texts):
        yield _line(text, f"  {label if number == 0 else '':<{_LABEL}}  ")
