"""`selfcheck schema`: the JSON Schema of a file that people write, or that a run writes."""

import click

WHAT = ("profiles", "platform", "run")


@click.command("schema")
@click.argument("what", type=click.Choice(WHAT))
def command(what: str) -> int:
    """Print the JSON Schema (draft 2020-12) of profiles.yaml, of a platform file, or of run.json.

    Editors complete keys and underline mistakes by it. It knows the form of a file; `selfcheck doctor` and
    `selfcheck platforms lint` check what it means, too.
    """
    click.echo(_text(what), nl=False)
    return 0


def _text(what: str) -> str:
    if what == "profiles":
        from selfcheck.settings.profiles_schema import profiles_schema

        return profiles_schema()
    if what == "platform":
        from selfcheck.platforms.file_schema import platform_schema

        return platform_schema()
    from selfcheck.core.run_document import run_schema

    return run_schema()
