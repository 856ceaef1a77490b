"""The only place that prints an error and decides the exit code of a failure.

Laws:
1. What a user can act on (`errors.py`, click's usage errors) is printed in words, without a traceback.
2. Anything else is a bug of ours: said in three lines, exit code 4, the traceback in a log file that only the
   user can read. `SELFCHECK_DEBUG=1` shows it on the terminal instead.
3. Ctrl-C, SIGTERM and SIGHUP end in 130 at any moment, from the first import to the last line; after that the
   command's own exit code stands, while Python ends. A reader that went away (`| head`) ends quietly in 141,
   as in a shell. So nothing is imported before signals are held.
4. A process that was started with SIGINT ignored (by a script, with `&`) still stops on SIGTERM.
"""

import atexit
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

    from selfcheck.core.cli_hints import CommandHints

_USAGE = 2
_BUG = 4
_INTERRUPTED = 130
_READER_GONE = 141

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    stop = _Stop()
    try:
        _hold()
        import selfcheck.cli  # noqa: F401, PLC0415 - an import that is cut in two may print anything

        _listen(stop)
        code = _do(list(sys.argv[1:] if arguments is None else arguments))
        _ignore_until_the_end()
    except KeyboardInterrupt:
        return _interrupted()
    return _interrupted() if stop.asked and code != _INTERRUPTED else code


class _Stop:
    """Takes SIGTERM and SIGHUP as Ctrl-C, through whatever handles that at the moment."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, _signal: int, frame: FrameType | None) -> None:
        self.asked = True
        handler = signal.getsignal(signal.SIGINT)  # asked directly: SIGINT itself may not be heard
        if callable(handler):
            handler(signal.SIGINT, frame)


def _hold() -> None:
    """Let the signals that stop a command wait until they can be answered; bootstrap.py begins with it."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)


def _listen(stop: _Stop) -> None:
    """Answer the signals that stop a command from now on, and those that waited.

    A SIGINT that was ignored goes on unheard, but held and not ignored: asyncio must set its own handler for
    it, through which SIGTERM ends a run in good order.
    """
    ignored = {number for number in _STOPPING if signal.getsignal(number) is signal.SIG_IGN} - {
        signal.SIGTERM
    }
    heard = [number for number in _STOPPING if number not in ignored]
    for number in heard:
        signal.signal(number, stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)


def _interrupted() -> int:
    """Print that it was interrupted; a second Ctrl-C changes nothing."""
    _ignore_until_the_end()
    with suppress(OSError):  # the terminal may be gone
        sys.stderr.write("Interrupted.\n")
        sys.stderr.flush()
    return _INTERRUPTED


def _ignore_until_the_end() -> None:
    """Let no signal change the exit code any more: what was asked for is done, or being given up already."""
    for number in _STOPPING:
        signal.signal(number, lambda _signal, _frame: None)
        atexit.register(signal.signal, number, signal.SIG_IGN)  # Python's own end takes our handlers away


def _do(arguments: list[str]) -> int:
    """Do the command; everything it raises, except an interruption, becomes words and an exit code."""
    import click  # noqa: PLC0415 - see law 3

    _prepare()
    hints = _hints()
    try:
        with _context(arguments, hints) as context:
            try:
                code = _invoke(context)
            finally:
                hints = context.obj  # a command that found its profiles and data says where they are
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:  # --help, --version, no words at all
        return leaving.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's own last flush
        return _READER_GONE
    except click.ClickException as error:
        error.show()
        return _USAGE
    except Exception as error:  # noqa: BLE001 - the top: the user always gets words and a code
        return _report(error, hints)
    return code


def _hints() -> "CommandHints":
    """Return how the user called this process, for the commands that its messages name."""
    from selfcheck.core.cli_hints import CommandHints  # noqa: PLC0415 - see law 3

    return CommandHints(os.environ.get("SELFCHECK_CALLED") or "selfcheck")


def _context(arguments: list[str], hints: "CommandHints") -> "click.Context":
    from selfcheck.cli import cli  # noqa: PLC0415 - see law 3

    if "_SELFCHECK_COMPLETE" in os.environ:  # the shell asks for completions
        cli.main(prog_name="selfcheck")
    return cli.make_context(hints.program, arguments, obj=hints)


def _invoke(context: "click.Context") -> int:
    """Do the command. Not by `cli.main`: it would turn a closed pipe into 1, which means something here."""
    result = context.command.invoke(context)
    return result if isinstance(result, int) else 0


def _prepare() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that cannot show a character must not end the run
            reconfigure(errors="replace")


def _report(error: Exception, hints: "CommandHints") -> int:
    """Print what happened and return the exit code."""
    from selfcheck.errors import SelfcheckError  # noqa: PLC0415 - only when something failed

    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]  # one task of several failed; its own words are what counts
    if isinstance(error, SelfcheckError):
        if os.environ.get("SELFCHECK_DEBUG") == "1" and error.__cause__ is not None:
            sys.stderr.write(f"{error.__cause__}\n")  # as the first failure put it
        sys.stderr.write("Error: " + "\n".join(error.lines(hints)) + "\n")
        return error.exit_code
    if os.environ.get("SELFCHECK_DEBUG") == "1":
        raise error
    sys.stderr.write(_bug_text(error, hints))
    return _BUG


def _bug_text(error: Exception, hints: "CommandHints") -> str:
    place = _log(error)
    where = f"The details are in {place}" if place else "SELFCHECK_DEBUG=1 shows the details"
    return (
        f"Error: selfcheck itself failed ({type(error).__name__}).\n"
        "This is a bug in selfcheck; it says nothing about your account.\n"
        f"{where}. Please report it with them and with what `{hints.command('doctor', '--report')}` prints.\n"
        "Read both before you post them: the details may name folders and accounts.\n"
    )


def _log(error: Exception) -> str | None:
    """Write the traceback to a file that only the user can read; return its place, None if that failed."""
    import traceback  # noqa: PLC0415 - only when something failed
    from datetime import UTC, datetime  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    import platformdirs  # noqa: PLC0415

    from selfcheck.storage.files import write_private  # noqa: PLC0415

    now = datetime.now(UTC)
    folder = Path(os.environ.get("SELFCHECK_LOGS") or platformdirs.user_log_dir("selfcheck", appauthor=False))
    file = folder / f"error-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(file, "".join(traceback.format_exception(error)).encode(errors="replace"))
    except OSError:
        return None
    return str(file)


if __name__ == "__main__":
    sys.exit(main())
