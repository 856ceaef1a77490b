"""`selfcheck doctor`: check everything that a run needs, and say what to do if something is missing."""

import os
from pathlib import Path

import click

from selfcheck.cli.common import (
    browser_option,
    data_option,
    open_store,
    pass_hints,
    profiles_option,
    show,
    take_secrets,
    terminal_width,
)
from selfcheck.core.cli_hints import CommandHints, wrapped
from selfcheck.doctor.checks import Checkup, findings_of
from selfcheck.doctor.findings import Finding, State, healthy
from selfcheck.doctor.report import report_text
from selfcheck.storage.data_folder import DataFolder

_USAGE = 2
_WIDTH = 80
_COLUMNS_FROM = 70  # columns of the terminal
_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


@click.command(name="doctor")
@profiles_option()
@data_option("The folder that results go to.")
@browser_option("The browser to use; default: searched for.")
@click.option(
    "--report", is_flag=True, help="Print a text for a bug report: without names, addresses and paths."
)
@pass_hints
def command(
    hints: CommandHints, *, profiles_file: Path, data: DataFolder, browser: str | None, report: bool
) -> int:
    """Check everything that a run needs, and say what to do if something is missing.

    Exit codes: 0 a run can start (warnings say what it will lack); 2 it cannot.
    """
    take_secrets()
    checkup = Checkup(
        profiles_file=profiles_file, data=data, browser=browser, store=open_store(), hints=hints
    )
    if report:
        findings = tuple(findings_of(checkup))
        click.echo(report_text(findings), nl=False)
        click.echo("Read it before you post it, and add what you did and what you saw.", err=True)
        return 0 if healthy(findings) else _USAGE
    return _told(checkup)


def _told(checkup: Checkup) -> int:
    """Print each finding as soon as it is known, and what follows from all of them."""
    findings = []
    for finding in findings_of(checkup):
        findings.append(finding)
        click.echo(
            as_text(finding, min(terminal_width() or _WIDTH, _WIDTH)),
            color=False if os.environ.get("NO_COLOR") else None,
        )
    if healthy(findings):
        click.echo("A run can start.")
        return 0
    again = checkup.hints.command("doctor", profiles=checkup.profiles_file)
    show(f"Fix the items marked FAIL, then run: {again}")
    return _USAGE


def as_text(finding: Finding, width: int = _WIDTH) -> str:
    """Return a finding as lines of at most this width: state, check, what was found, what to do.

    Where the terminal is too narrow for columns, what was found stands below its check.
    """
    head = f"{finding.state:<5} {finding.check:<24} "
    gap = " " * len(head)
    if width < _COLUMNS_FROM:
        gap = " " * 6
        head = f"{head.rstrip()}\n{gap}"
    wide = width - len(gap)
    lines = [part for line in finding.says.splitlines() for part in wrapped(line.strip(), wide)]
    steps = wrapped(finding.do, wide - 3)
    lines += [f"{'  ' if index else '->'} {part}" for index, part in enumerate(steps)]
    text = ("\n" + gap).join(lines or [""])
    coloured = click.style(f"{finding.state:<5}", fg=_COLOURS[finding.state])
    return coloured + head[5:] + text
