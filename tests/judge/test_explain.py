"""Every rule is made plain: by `selfcheck explain`, and with every verdict by what would change it."""

from dataclasses import replace

import click
import pytest
from cases import CONTROLS_PASS, by_author, case, page, seen
from click.testing import CliRunner
from sample_runs import run, suspended

from selfcheck.cli import cli
from selfcheck.core.enums import BAD, Outcome
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge
from selfcheck.judge.rule import Layer, Rule
from selfcheck.judge.rules import RULES
from selfcheck.runs.render_console import run_text
from selfcheck.runs.render_html import report_html

EACH = [pytest.param(rule, id=rule.id) for rule in RULES]


def invoke(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["explain", *arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


@pytest.mark.parametrize("rule", EACH)
def test_a_rule_says_all_of_itself_in_plain_sentences(rule: Rule) -> None:
    for text in (rule.evidence, rule.looks_at, rule.false_positives, rule.would_change):
        assert len(text.split()) > 1, text
        assert text.endswith("."), text


@pytest.mark.parametrize("rule", EACH)
def test_a_rule_is_explained_with_every_part(rule: Rule) -> None:
    told = invoke(rule.id)
    for part in (rule.id, rule.looks_at, rule.evidence, rule.false_positives, rule.would_change, rule.claim):
        assert part in told


def test_without_a_name_all_are_listed_in_the_order_of_judgement() -> None:
    lines = invoke().splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in RULES]


def test_a_mistyped_rule_names_the_nearest() -> None:
    with pytest.raises(click.UsageError, match=r"no rule `page\.shwon`; did you mean `page\.shown`"):
        invoke("page.shwon")


@pytest.mark.parametrize("rule", EACH)
def test_a_claim_says_how_far_it_goes(rule: Rule) -> None:
    if rule.layer is Layer.SUPPORT:
        assert (rule.verdict, "nothing by itself" in rule.claim) == ("support", True)
    else:
        assert rule.claim.startswith(rule.claims.value)
        assert (";" in rule.claim) == (rule.claims in BAD)


# -- with every verdict ----------------------------------------------------------------------------------


@pytest.mark.parametrize("public", list(Outcome))
@pytest.mark.parametrize("author", [Outcome.SHOWN, Outcome.NOT_FOUND, None])
def test_every_verdict_says_what_would_change_it(public: Outcome, author: Outcome | None) -> None:
    looks = [seen(public), *([by_author(author)] if author else [])]
    judged = judge(case(page(*looks), controls=CONTROLS_PASS, rounds_left=0))
    assert isinstance(judged, ProfileVerdict)
    deciding = next(rule for rule in RULES if rule.id == judged.rules[0])
    assert judged.would_change == judged.pages[0].would_change == deciding.would_change


def test_terminal_report_and_json_say_it() -> None:
    mind = "Logged-out visitors being shown the page."
    profile = suspended()
    pages = tuple(replace(one, would_change=mind) for one in profile.pages)
    result = run(replace(profile, would_change=mind, pages=pages))

    assert f"Would change it  {mind}" in run_text(result, folder="x")
    assert report_html(result, {}).count(mind) == 1 + len(pages)
    document = RunDocument.of(result).plain()["profiles"][0]
    assert [document["would_change"], document["pages"][0]["would_change"]] == [mind, mind]
