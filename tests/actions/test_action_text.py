"""What a job says, decides, and publishes: tables of values."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from histories import FIRST, as_read, document, judged
from sample_runs import NASTY, hostile, run, session_expired, suspended

from selfcheck.actions.text import Ended, RunOutcome, commit_message, ending, summary_links, worst
from selfcheck.alerts.issue_text import IssueLink
from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.run_document import RunDocument
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.runs.render_github import annotation
from selfcheck.settings.hosted import HistoryStorage, HostedJob

JOB = HostedJob(
    repository="jane/watch",
    server="https://github.com",
    run_url="https://github.com/jane/watch/actions/runs/1",
    cron="",
    public=False,
    profiles_file="profiles.yaml",
    profiles=(),
    fail_on=(Verdict.HIDDEN, Verdict.SUSPENDED, Verdict.LIMITED, Verdict.MISSING),
    keeping=HistoryStorage.BRANCH,
    branch="selfcheck-data",
    issues=True,
    publish_author_view=False,
    retention_days=90,
    again=False,
)
NONE = replace(JOB, fail_on=())
PUBLIC = Disclosure(audience=Audience.PUBLIC)
STRICT = replace(JOB, fail_on=(Verdict.SUSPENDED, Verdict.INCONCLUSIVE))
DONE = RunOutcome(ended=Ended.DONE, exit_code=0)


def found(letters: str, *failures: str) -> RunDocument:
    profiles = [judged(one, name=f"jane{place}") for place, one in enumerate(letters)]
    return RunDocument.model_validate(document(FIRST, *profiles, failures=failures))


@pytest.mark.parametrize(
    ("job", "looked", "run_found", "code", "level"),
    [
        pytest.param(JOB, DONE, found("VV"), 0, "notice", id="all visible"),
        pytest.param(JOB, DONE, found("VS"), 1, "error", id="one is suspended"),
        pytest.param(JOB, DONE, found("V?"), 0, "warning", id="one could not be told: said, not failed for"),
        pytest.param(JOB, DONE, found("S?", "x: broke"), 1, "error", id="what was found outranks all else"),
        pytest.param(JOB, DONE, found("V?", "x: broke"), 4, "error", id="a failure of ours outranks not knowing"),
        pytest.param(JOB, DONE, found("", "x: broke"), 4, "error", id="nothing but failures"),
        pytest.param(JOB, DONE, found(""), 4, "error", id="no profile at all is no good news"),
        pytest.param(STRICT, DONE, found("V?"), 3, "error", id="not knowing fails where it was asked for"),
        pytest.param(STRICT, DONE, found("L"), 0, "warning", id="what fail-on leaves out is said"),
        pytest.param(NONE, DONE, found("S"), 0, "warning", id="with none nothing found fails"),
        pytest.param(NONE, DONE, found("V", "x: broke"), 4, "error", id="with none a failure of ours still does"),
        pytest.param(JOB, replace(DONE, exit_code=2), None, 2, "error", id="the run refused its settings"),
        pytest.param(JOB, DONE, None, 4, "error", id="no run, for an unknown reason"),
        pytest.param(JOB, replace(DONE, ended=Ended.TOO_EARLY, note="Too early."), None, 0, "notice", id="too early to look"),
        pytest.param(JOB, replace(DONE, ended=Ended.STOPPED, exit_code=130), found("S"), 130, "error", id="cancelled, with something found"),
        pytest.param(JOB, replace(DONE, ended=Ended.STOPPED, exit_code=130), None, 130, "error", id="cancelled before the end"),
    ],
)  # fmt: skip
def test_how_a_job_ends(
    job: HostedJob, looked: RunOutcome, run_found: RunDocument | None, code: int, level: str
) -> None:
    end = ending(job, looked, run_found)
    assert (end.exit_code, end.level) == (code, level)
    assert end.words


@pytest.mark.parametrize(
    ("letters", "verdict"),
    [
        pytest.param("V?L", Verdict.LIMITED, id="something found is worst"),
        pytest.param("V?", Verdict.INCONCLUSIVE, id="not knowing is worse than good"),
        pytest.param("VV", Verdict.VISIBLE, id="all visible"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_the_worst_verdict_is_the_jobs(letters: str, verdict: Verdict | None) -> None:
    assert worst(found(letters)) is verdict


def test_a_commit_says_what_was_found() -> None:
    title, _, *rest = commit_message(found("SV"), JOB).splitlines()
    assert title == "jane0: suspended, jane1: visible"
    assert rest == ["Run 20261101T090000Z-aaaaaa", JOB.run_url]
    assert commit_message(found("V" * 9), JOB).splitlines()[0] == "9 profiles checked"


# -- for the public ---------------------------------------------------------------------------------------


def views_of(found: RunDocument) -> set[str]:
    pages = [page for profile in found.profiles for page in profile.pages]
    further = {look.viewpoint for page in pages for look in page.further}
    return {who for page in pages for who in page.views} | further


def test_a_document_for_the_public_is_still_a_runs_and_has_nothing_of_the_author() -> None:
    whole = RunDocument.of(run(suspended(), hostile(), session_expired(), failures=("x: the title SECRET",)))
    shown = PUBLIC.document(whole)
    left = shown.plain()
    schema = json.loads(files("selfcheck.core").joinpath("run.schema.json").read_text("utf-8"))
    jsonschema.validate(left, schema)
    assert (views_of(whole), views_of(shown)) == ({"anonymous", "author"}, {"anonymous"})
    text = json.dumps(left)
    assert [word for word in ("1234", "author.png", "side-by-side.png", "SECRET") if word in text] == []
    assert [one.verdict for one in shown.profiles] == [one.verdict for one in whole.profiles]
    assert left["profiles"][0]["facts"] == {"followers": {"anonymous": None, "author": None}}
    assert len(as_read(left).profiles) == 3


def test_what_a_sentence_adds_of_the_authors_numbers_is_cut_off() -> None:
    profile = judged("V", summary="Logged-out visitors see it. But mind: views fell from 900 to 3.")
    shown = PUBLIC.document(RunDocument.of(run(profile)))
    assert shown.profiles[0].summary == "Logged-out visitors see it."


LINK = IssueLink(words="both views", url="https://github.com/x/y/blob/b/a%20b.png")


def test_an_annotation_is_one_line() -> None:
    assert "\n" not in annotation("error", NASTY, f"a\n::add-mask::{NASTY}")


def test_the_summary_leads_to_pictures_or_says_where_they_lie() -> None:
    made = found("S")
    path = made.profiles[0].pages[0].side_by_side
    assert path
    kept = summary_links(made, {path: "https://github.com/p.png"}, [LINK], ["a *note*"])
    assert "[both views](<https://github.com/p.png>)" in kept
    assert "> a \\*note\\*" in kept
    assert f"`{path}`" in summary_links(made, {}, [], [])
    (profile,) = made.profiles
    stats = profile.pages[0].model_copy(update={"kind": PageKind.STATS, "verdict": Verdict.VISIBLE})
    alone = made.model_copy(update={"profiles": (profile.model_copy(update={"pages": (stats,)}),)})
    assert "| opened | [the author's view](" in summary_links(
        alone, {path: "https://github.com/p.png"}, [], []
    )
    assert "Side by side" not in summary_links(None, {}, [], [])
