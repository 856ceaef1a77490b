"""Names the repository in what is released: `python .ci/release_files.py OWNER/NAME COMMIT TAG`.

The release workflow calls it in a clean checkout before it builds. Nothing else knows where the project
lives, so a copy of it never sends anyone elsewhere:
- README.md, which is the package's description, gets whole addresses for its links and pictures;
- pyproject.toml gets `project.urls`;
- `dist/selfcheck-template.zip` is the folder `template/`, with the action at this commit.
"""

import re
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = "OWNER/NAME"
COMMIT = "0" * 40
"""What the template has instead of a repository and a commit."""

_LINK = re.compile(r"(?P<picture>!?)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")


def absolute_links(text: str, repository: str, tag: str) -> str:
    """Return a document of the top folder with whole addresses for all that it links to and shows."""

    def whole(link: re.Match[str]) -> str:
        target = link["target"]
        if re.match(r"https?:|#", target):
            return link[0]
        kind = "raw" if link["picture"] else "blob"
        address = f"https://github.com/{repository}/{kind}/{tag}/{target}"
        return f"{link['picture']}[{link['words']}]({address})"

    return _LINK.sub(whole, text)


def with_urls(pyproject: str, repository: str) -> str:
    """Return pyproject.toml with the project's addresses."""
    home = f"https://github.com/{repository}"
    urls = (
        "[project.urls]\n"
        f'Homepage = "{home}"\n'
        f'Documentation = "{home}/tree/main/docs"\n'
        f'Changelog = "{home}/blob/main/CHANGELOG.md"\n'
        f'Issues = "{home}/issues"\n'
        f'Security = "{home}/security/policy"\n\n'
    )
    before, head, after = pyproject.partition("[project.optional-dependencies]\n")
    return f"{before}{urls}{head}{after}"


def template_files(repository: str, commit: str) -> dict[str, str]:
    """Return the template's files by their paths, with the action of this repository at this commit."""
    folder = ROOT / "template"
    texts = {path: path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        path.relative_to(folder).as_posix(): text.replace(PLACE, repository).replace(COMMIT, commit)
        for path, text in texts.items()
    }


def main(repository: str, commit: str, tag: str) -> None:
    """Write all of it. End with a message where the tag is not the version."""
    pyproject = ROOT / "pyproject.toml"
    version = tomllib.loads(pyproject.read_text("utf-8"))["project"]["version"]
    if tag != f"v{version}":
        raise SystemExit(
            f"The tag is {tag}, but pyproject.toml has the version {version}: make them the same."
        )
    readme = ROOT / "README.md"
    readme.write_text(absolute_links(readme.read_text("utf-8"), repository, tag), encoding="utf-8")
    pyproject.write_text(with_urls(pyproject.read_text("utf-8"), repository), encoding="utf-8")
    (ROOT / "dist").mkdir(exist_ok=True)
    with zipfile.ZipFile(ROOT / "dist" / "selfcheck-template.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in template_files(repository, commit).items():
            archive.writestr(name, text)


if __name__ == "__main__":
    main(*sys.argv[1:4])
