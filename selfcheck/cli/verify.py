"""`selfcheck verify`: say whether a run, or an evidence.zip, is as it was written."""

from pathlib import Path

import click
from cryptography.x509 import Certificate

from selfcheck.cli.common import data_option, format_option, profiles_option
from selfcheck.evidence.render_verify import verify_json, verify_text
from selfcheck.evidence.verify_command import given_roots, settings_roots, verify
from selfcheck.storage.data_folder import DataFolder

_WRONG = 1


@click.command("verify")
@click.argument("target", metavar="RUN|ZIP")
@data_option()
@click.option(
    "--roots",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Root certificates, PEM or DER, that must confirm a time stamp; may be given several times. Without"
    " it those of the settings are tried.",
)
@profiles_option("The file whose settings name root certificates.")
@click.option(
    "--chain", "every_run", is_flag=True, help="Check the files of all earlier runs in the chain, too."
)
@format_option("text", "json")
def command(
    *,
    target: str,
    data: DataFolder,
    roots: tuple[Path, ...],
    profiles_file: Path,
    every_run: bool,
    form: str,
) -> int:
    """Check, offline, that nothing in a run (its id or folder) or an evidence.zip was changed.

    Every file is compared with its hash, and every link of the chain: from the run after it, and back to the
    first run that is kept. Each problem is reported with its file or link.

    Exit codes: 0 nothing was changed; 1 something was; 2 usage, or there is nothing to check.
    """
    certificates = _roots(roots, profiles_file)
    checks = verify(target, data, roots=certificates, stamp_wanted=bool(roots), every_run=every_run)
    click.echo(verify_json(checks) if form == "json" else verify_text(checks), nl=False)
    return 0 if all(check.sound for check in checks) else _WRONG


def _roots(files: tuple[Path, ...], profiles_file: Path) -> tuple[Certificate, ...]:
    if files:
        return given_roots(files)
    certificates, trouble = settings_roots(profiles_file)
    if trouble:
        click.echo(trouble, err=True)
    return certificates
