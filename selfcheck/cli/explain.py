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
    """Explain what RULE looks at and claims, its source, what can fool it and what would change it.

    Without RULE, all rules are listed, in the order of judgement.
    """
    if rule is None:
        width = max(len(row.id) for row in RULES)
        for row in RULES:
            click.echo(f"{row.id.ljust(width)}  {row.verdict.ljust(12)}  {row.evidence}")
        return 0
    explained = next((row for row in RULES if row.id == rule), None)
    if explained is None:
        hint = did_you_mean(rule, [row.id for row in RULES])
        listing = f"`{hints.command('explain')}` lists them."
        raise click.UsageError(f"There is no rule `{rule}`; {hint or listing}")
    for label, text in explained.described():
        click.echo(f"{label}: {text}")
    return 0
