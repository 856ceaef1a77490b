"""`selfcheck explain`: what a rule looks at, what it claims, where it comes from and what can fool it."""

import click

from selfcheck.cli.common import pass_hints
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.suggestions import did_you_mean
from selfcheck.judge.rules import RULES


@click.command("explain")
@click.argument("rule", required=False)
@pass_hints
def command(hints: CommandHints, *, rule: str | None) -> int:
    """Say what RULE looks at, what it claims, its source, what can fool it and what would change it.

    Without RULE all of them are listed, in the order of judgement.
    """
    if rule is None:
        width = max(len(one.id) for one in RULES)
        for one in RULES:
            click.echo(f"{one.id.ljust(width)}  {one.verdict.ljust(12)}  {one.evidence}")
        return 0
    found = next((one for one in RULES if one.id == rule), None)
    if found is None:
        hint = did_you_mean(rule, [one.id for one in RULES])
        known = f"`{hints.command('explain')}` lists them."
        raise click.UsageError(f"There is no rule `{rule}`; {hint or known}")
    for label, text in found.described():
        click.echo(f"{label}: {text}")
    return 0
