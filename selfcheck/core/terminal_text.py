"""Lines as the text of a terminal, coloured or plain: the same on every machine, whatever its terminal is."""

import io
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from selfcheck.core.labels import Tone

TONE_STYLE = {
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.WARN: "bold yellow",
    Tone.UNCLEAR: "bold magenta",
}


def terminal_text(lines: Iterable[Text | str], *, width: int, colour: bool) -> str:
    """Return the lines, which are never wrapped here: a path or an address stays whole to be copied."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True)
    return captured.get()
