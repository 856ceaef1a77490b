"""Makes all pictures of the README and of docs/: `python tests/support/docs_pictures.py`.

- The side-by-side picture and the report of a run: from a run of the demo.
- The report over time, and the app: from the sixty days of `site_history`.
- Those of docs/github-action.md show what selfcheck itself writes (in a terminal, the job's summary, an issue,
  the data branch), from jobs of the Action done on this machine with the demo's accounts and a real browser, set
  by a style sheet of ours. They are no pictures of GitHub's pages, and do not pretend to be.
"""

# ruff: noqa: E501 — a style sheet reads best as it is

import html
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import site_history
from app_client import served
from hosted_jobs import Watch, git, made
from markdown_it import MarkdownIt
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from workflow_runner import ROOT

from selfcheck.actions.workflow_file import write_workflow
from selfcheck.browser.discovery import find_browser
from selfcheck.core.cli_hints import CommandHints
from selfcheck.report.service import ReportRequest, build_report
from selfcheck.settings.preferences import Preferences
from selfcheck.storage.data_folder import DataFolder

PICTURES = ROOT / "docs" / "pictures"
PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: '@jonah-vey', stories: {latest: 1}}\n"
DOTS = {"🔴": "#c93c37", "🟠": "#d18616", "✅": "#2f8132", "❔": "#8b949e"}
"""Signs for which a machine without coloured letters has no picture."""

STYLE = """
.dot { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 3px }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; margin: 0; padding: 24px; width: 812px; color: #1c2128 }
pre, code { font: 13px/1.55 "DejaVu Sans Mono", monospace; background: #f3f4f6; border-radius: 6px }
pre { padding: 14px 16px; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere } code { padding: 1px 5px }
pre code { padding: 0 } a { color: #0b57a4 } h1 { font-size: 22px } h2 { font-size: 19px } h3 { font-size: 17px }
table { border-collapse: collapse } td, th { border: 1px solid #d0d7de; padding: 5px 10px; text-align: left }
blockquote { margin: 8px 0; padding-left: 12px; border-left: 3px solid #d0d7de; color: #4a5158 }
.card { border: 1px solid #d0d7de; border-radius: 8px; padding: 4px 18px 8px; margin-bottom: 14px }
.note { color: #59636e; font-size: 13px; margin: 0 0 12px }
"""


def rendered(markdown: str) -> str:
    """Return Markdown as HTML; marks that no reader sees are left out."""
    bare = re.sub(r"<!--.*?-->", "", markdown)
    bare = re.sub(r"file://[^>]*?/watch/server", "https://github.com", bare)
    text = MarkdownIt("commonmark", {"html": False}).enable("table").render(bare)
    for sign, colour in DOTS.items():
        text = text.replace(sign, f"<span class=dot style='background:{colour}'></span>")
    return text


def page(note: str, inner: str) -> str:
    """Return a page with a line that says what it is."""
    return f"<meta charset=utf-8><style>{STYLE}</style><p class=note>{html.escape(note)}</p>{inner}"


def pages() -> dict[str, str]:
    """Do the jobs, and return the pages to be pictured."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        watch = Watch(folder / "watch", profiles=PROFILES, programs=True)
        bad = watch.job(browser=os.environ.get("SELFCHECK_BROWSER", ""))
        watch.programs = False
        watch.job(made("V", 30, 0, handle="jonah-vey"))
        (issue,) = watch.github.issues
        comments = "".join(f"<div class=card>{rendered(one)}</div>" for one in watch.github.comments(1))
        log = git(watch.remote, "log", "--stat=88", "--stat-count=6", "--format=%h  %s", "selfcheck-data")
        title = f"<h2>{html.escape(issue['title'])}</h2>"
        return {
            "action-summary": page("The summary of a job, as selfcheck writes it:", rendered(bad.summary)),
            "action-issue": page(
                "An issue, and what is written below it when the profile is back, as selfcheck writes them:",
                f"{title}<div class=card>{rendered(issue['body'])}</div>{comments}",
            ),
            "action-branch": page(
                "The branch selfcheck-data, as git shows it:", f"<pre>{html.escape(log.strip())}</pre>"
            ),
            "action-init": page("In a terminal:", f"<pre>{html.escape(_init(folder))}</pre>"),
        }


def _init(folder: Path) -> str:
    (folder / "action.yml").touch()
    text = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"
    (folder / "profiles.yaml").write_text(text, encoding="utf-8")
    written = write_workflow(
        folder,
        Path("profiles.yaml"),
        repository="jane/watch",
        action=None,
        replace=False,
        hints=CommandHints(),
    )
    steps = "\n".join(f"  {number}. {step}" for number, step in enumerate(written.steps, start=1))
    return (
        "$ selfcheck init --github --repository jane/watch\n"
        f"Wrote {written.path}: it runs at {written.times}. Next:\n{steps}"
    )


def kept(name: str, image: Image.Image, *, colours: int) -> None:
    """Keep a picture, not too wide and in few colours."""
    image = image.convert("RGB")
    image.thumbnail((1100, 2000))
    image.quantize(colours).save(PICTURES / f"{name}.png", optimize=True)


def demo_run(folder: Path) -> Path:
    """Run the demo, and return the run's folder."""
    shutil.copy(ROOT / "profiles.yaml", folder)  # so that the commands in the report name no path of ours
    command = [sys.executable, "-m", "selfcheck", "run", "--data", "selfcheck-data"]
    home = os.environ | {"SELFCHECK_HOME": str(folder / "home")}
    subprocess.run(command, cwd=folder, env=home, check=False, capture_output=True)
    return next(folder.glob("selfcheck-data/runs/*/report.html")).parent


def history_page(folder: Path) -> Path:
    """Return the page over the sixty days of one author."""
    site_history.SECRETS["summary"] = ""  # which tests plant
    data = site_history.fill(folder / "history", only=("jane",))
    preferences = Preferences(time_zone="Europe/Berlin")
    request = ReportRequest(preferences=preferences, now=site_history.NOW, target=folder / "site")
    return build_report(DataFolder(data), request).index


def picture_reports(chromium: Browser) -> None:
    """Picture both kinds of report as they are on top, and the two views side by side."""
    with tempfile.TemporaryDirectory() as scratch:
        run = demo_run(Path(scratch))
        with Image.open(next(run.glob("*suspended/profile/side-by-side.png"))) as image:
            kept("side-by-side", image, colours=256)
        over_time = history_page(Path(scratch))
        for path, name, width, height in (
            (run / "report.html", "report", 1100, 1375),
            (over_time, "report-over-time", 1000, 1400),
        ):
            tab = chromium.new_page(viewport={"width": width, "height": height})
            if path == over_time:
                tab.clock.set_fixed_time(site_history.NOW)  # the page says how old it is
            tab.goto(path.as_uri())
            kept(name, Image.open(io.BytesIO(tab.screenshot())), colours=128)


def picture_app(chromium: Browser) -> None:
    """Picture the app's Home as it is on top."""
    site_history.SECRETS["summary"] = ""
    with tempfile.TemporaryDirectory() as scratch:
        site_history.fill(Path(scratch) / "data", only=("jane", "tom"))
        with served(Path(scratch), site_history.NOW) as address:
            tab = chromium.new_page(viewport={"width": 1000, "height": 900})
            tab.goto(address)
            kept("app", Image.open(io.BytesIO(tab.screenshot())), colours=128)


def main() -> None:
    """Make every picture."""
    browser = find_browser(os.environ.get("SELFCHECK_BROWSER"), headed=False)
    assert browser is not None
    made_pages = pages()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(browser.path), args=["--no-sandbox"])
        picture_reports(chromium)
        picture_app(chromium)
        for name, text in made_pages.items():
            tab = chromium.new_page(viewport={"width": 860, "height": 200})
            tab.set_content(text)
            kept(name, Image.open(io.BytesIO(tab.screenshot(full_page=True))), colours=128)
        chromium.close()


if __name__ == "__main__":
    main()
