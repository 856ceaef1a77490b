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
    take_secrets,
)
from selfcheck.core.cli_hints import CommandHints, wrapped
from selfcheck.doctor.checks import Checkup, findings_of
from selfcheck.doctor.findings import Finding, State, healthy
from selfcheck.doctor.report import report_text
from selfcheck.storage.data_folder import DataFolder

_USAGE = 2
_WIDTH = 80
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
        click.echo(as_text(finding), color=False if os.environ.get("NO_COLOR") else None)
    if healthy(findings):
        click.echo("A run can start.")
        return 0
    again = checkup.hints.command("doctor", profiles=checkup.profiles_file)
    click.echo(f"Fix the items marked FAIL, then run: {again}")
    return _USAGE


def as_text(finding: Finding) -> str:
    """Return a finding as lines of at most 80 characters: state, check, what was found, what to do."""
    head = f"{finding.state:<5} {finding.check:<24} "
    gap = " " * len(head)
    wide = _WIDTH - len(gap)
    lines = [part for line in finding.says.splitlines() for part in wrapped(line.strip(), wide)]
    steps = wrapped(finding.do, wide - 3)
    lines += [f"{'  ' if index else '->'} {part}" for index, part in enumerate(steps)]
    text = ("\n" + gap).join(lines or [""])
    coloured = click.style(f"{finding.state:<5}", fg=_COLOURS[finding.state])
    return coloured + head[5:] + text
