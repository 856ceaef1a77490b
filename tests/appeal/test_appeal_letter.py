"""The letter of an appeal: what it tells, in each language, for each place, and what a template may do."""

# ruff: noqa: E501 — a row of a table reads best as one line

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from typing import Any

import pytest
from kept_runs import incident

from selfcheck.appeal.facts import Clocks, letter
from selfcheck.appeal.model import Account, Attachment, Choice, Envelope, Letter, Placement, TemplateSource
from selfcheck.appeal.render_letter import browser_length, form_text, languages, plain_text, render_letter
from selfcheck.appeal.render_mail import InlinePicture, MailBody, draft_bytes, letter_html, mail
from selfcheck.appeal.render_text import appeal_txt
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.run_document import PageRecord
from selfcheck.errors import AppealTemplateError, SelfcheckError, UsageError

ENGLISH = TemplateSource(language="en")
SENTENCE = "This account is under investigation or was found in violation of the Rules."
BEGAN = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


def page(kind: str = "profile", verdict: str = "suspended", **view: Any) -> dict[str, Any]:
    view = {"outcome": "suspended", "status": 410, "quote": SENTENCE, "title": "Gone", **view}
    return {
        "kind": kind,
        "url": f"https://blog.example/{kind}",
        "verdict": verdict,
        "strength": "confirmed",
        "views": {
            "anonymous": view,
            "author": {"outcome": "shown", "quote": "For the author alone", "title": "Draft"},
        },
    }


def before(number: int, **more: object) -> Incident:
    began = BEGAN - timedelta(days=30 * number)
    base = incident(
        id=f"jane-{number}",
        first_bad_at=began,
        over_at=began + timedelta(days=3),
        state=IncidentState.RESTORED,
        case_number=f"C-{number}",
        events=(
            IncidentEvent(at=began + timedelta(days=1), kind=EventKind.APPEALED),
            IncidentEvent(at=began + timedelta(days=2), kind=EventKind.NOTED, text="private thoughts"),
            IncidentEvent(
                at=began + timedelta(days=2), kind=EventKind.ANSWERED, text="Sorry, our filter erred."
            ),
        ),
    )
    return replace(base, **more)  # type: ignore[arg-type]


ACCOUNT = Account(name="Jane Doe", handle="@jane", platform="Inkwell")
CLOCKS = Clocks("Europe/Berlin", "America/New_York")


def letter_of(
    *pages: dict[str, Any],
    earlier: tuple[Incident, ...] = (),
    account: Account = ACCOUNT,
    clocks: Clocks = CLOCKS,
    note: str = "",
    likely: bool = False,
    **about: Any,
) -> Letter:
    choice = Choice(incident=incident(**about), likely=likely, earlier=earlier)
    records = [PageRecord.model_validate(one) for one in pages or (page(),)]
    return letter(choice, records, account=account, clocks=clocks, note=note)


def text(content: Letter, language: str = "en", placement: Placement = Placement()) -> str:  # noqa: B008
    return render_letter(content, TemplateSource(language=language), placement)


def test_it_says_who_where_since_when_what_the_public_sees_and_what_it_asks() -> None:
    said = text(letter_of(note="I write about rivers."))
    first = said.split("\n\n")[1]
    assert "@jane on Inkwell is shown to everybody else as suspended" in first
    assert "spam filter" not in first
    assert "restore it?" in first
    for line in (
        "- Account: https://blog.example/profile",
        "- Last seen working: 2026-02-02 05:05 Europe/Berlin (2026-02-01 23:05 America/New_York)",
        "- First seen affected: 2026-02-03 05:05 Europe/Berlin (2026-02-02 23:05 America/New_York)",
        f"- Profile https://blog.example/profile: “{SENTENCE}” (HTTP 410)",
        "I write about rivers.",
        "Jane Doe",
    ):
        assert line in said.splitlines()


def test_it_is_short() -> None:
    assert len(text(letter_of()).split()) < 150


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "verdict", [one for one in Verdict if one not in {Verdict.VISIBLE, Verdict.INCONCLUSIVE}]
)
@pytest.mark.parametrize("silent", [True, False, None])
def test_every_language_has_words_for_every_case(
    language: str, verdict: Verdict, silent: bool | None
) -> None:
    bare = {"last_good_at": None, "account": replace(ACCOUNT, name=""), "likely": True}
    full = {
        "earlier": tuple(before(n) for n in range(1, 7)),
        "account": replace(ACCOUNT, account_mail="j@x.org"),
    }
    for more in ({}, bare, full):
        content = letter_of(
            page(), page("story", verdict.value, quote=""), verdict=verdict, silent=silent, **more
        )
        for form in (False, True):
            said = text(content, language, Placement(form=form, attachments=("a.png",)))
            assert "None" not in said
            assert "{" not in said
            assert "\n\n\n" not in said
    assert text(content, language, Placement(part=2, parts=3, attachments=("9.png",))).count("9.png") == 1


def test_german_is_one_file_and_says_the_same_facts() -> None:
    assert set(languages()) == {"de", "en"}
    english, german = text(letter_of(earlier=(before(1),))), text(letter_of(earlier=(before(1),)), "de")
    facts = r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|https?://[^\s:]+|HTTP \d+|C-\d"
    assert re.findall(facts, english) == re.findall(facts, german)
    assert "gesperrt" in german


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as error:
        text(letter_of(), "fr")
    assert "de, en" in error.value.next_step_text()


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        pytest.param(
            None, "2026-02-03 05:05 Europe/Berlin (2026-02-03 04:05 UTC)", id="unknown: UTC beside it"
        ),
        pytest.param("Europe/Berlin", "2026-02-03 05:05 Europe/Berlin", id="the same: once"),
    ],
)
def test_times_are_told_for_both_ends(theirs: str | None, expected: str) -> None:
    assert letter_of(clocks=Clocks("Europe/Berlin", theirs)).first_bad == expected


@pytest.mark.parametrize(
    ("view", "quoted"),
    [
        pytest.param({"quote": "status 404", "title": "Page not found — X"}, "Page not found — X", id="a status is no words"),
        pytest.param({"quote": "NotFound", "title": "Medium"}, "", id="names of data and of the platform are none"),
        pytest.param({"quote": "Gone\n\x1b[31m\u202eaway now"}, "Gone [31maway now", id="on one line, made safe"),
        pytest.param({"outcome": "shown", "quote": "A page"}, "", id="of a page that is shown nothing is quoted"),
    ],
)  # fmt: skip
def test_what_the_public_sees_is_quoted_word_for_word(view: dict[str, Any], quoted: str) -> None:
    assert letter_of(page(**view)).pages[0].quote == quoted


def test_healthy_pages_the_stats_and_the_author_s_words_are_not_mentioned() -> None:
    facts = letter_of(
        page("stats", "missing"),
        page("story", "visible"),
        page("feed", "inconclusive"),
        page("publication"),
        page(),
    )
    assert [one.kind for one in facts.pages] == ["profile", "publication"]
    assert "author alone" not in text(facts)


def test_earlier_incidents_of_the_account_are_quoted_with_how_they_ended() -> None:
    said = text(letter_of(earlier=(before(2), before(1))))
    lines = [line for line in said.splitlines() if "case C-" in line]
    assert lines == [
        "- 2026-01-04 to 2026-01-07 (3 days): suspended, case C-1, I appealed on 2026-01-05, you answered on 2026-01-06: “Sorry, our filter erred.”, and the account was restored.",
        "- 2025-12-05 to 2025-12-08 (3 days): suspended, case C-2, I appealed on 2025-12-06, you answered on 2025-12-07: “Sorry, our filter erred.”, and the account was restored.",
    ]
    assert "private thoughts" not in said


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"state": IncidentState.DISMISSED}, id="its author dismissed it"),
        pytest.param({"handle": "joe"}, id="another handle"),
        pytest.param({"platform": "medium"}, id="another platform"),
        pytest.param({"first_bad_at": BEGAN + timedelta(days=9)}, id="it came later"),
        pytest.param({"id": incident().id}, id="it is the incident itself"),
    ],
)
def test_other_incidents_are_not_mentioned(other: dict[str, object]) -> None:
    assert letter_of(earlier=(before(1, **other),)).earlier == ()


def test_an_incident_that_is_not_known_to_be_over_claims_no_end() -> None:
    said = text(
        letter_of(earlier=(before(1, over_at=None, state=IncidentState.ANSWERED, events=(), case_number=""),))
    )
    assert "- 2026-01-04: suspended.\n" in said


# -- templates ---------------------------------------------------------------------------------------------


def own(template: str) -> TemplateSource:
    return TemplateSource(name="mine.j2", text=template)


def test_an_own_template_may_name_everything_in_a_letter() -> None:
    template = "\n".join(
        f"{{{{ {one.name} }}}}"
        for kind in (Letter, Account, Placement)
        for one in fields(kind)
        if one.name != "account"
    )
    assert "@jane" in render_letter(letter_of(), own(template))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{{ handel }}", id="a name that there is not"),
        pytest.param("{% if %}", id="a mistake of its form"),
        pytest.param("{{ handle.__class__.__mro__ }}", id="Python's own parts"),
        pytest.param("{{ ''.__class__.__base__.__subclasses__() }}", id="all classes"),
        pytest.param("{% set x = pages.append(1) %}", id="a change of what it is given"),
        pytest.param("{% include '/etc/passwd' %}", id="a file of this computer"),
        pytest.param("{% for n in range(1000000000) %}{% endfor %}", id="a loop that never ends"),
        pytest.param("{{ 9 ** 9 ** 9 }}", id="a number that fills the memory"),
        pytest.param("{{ 'a' * 10000000000 }}", id="a text that fills the memory"),
        pytest.param("{{ '%9999999999d' % 1 }}", id="a width that fills the memory"),
        pytest.param("{{ '{0.__class__.__mro__}'.format(handle) }}", id="Python's own parts in a format"),
        pytest.param("{{ ''|attr('__class__') }}", id="Python's own parts by a filter"),
        pytest.param("{{ lipsum.__globals__['os'].popen('id').read() }}", id="a program, by a helper"),
        pytest.param("{{ cycler.__init__.__globals__ }}", id="modules, by another"),
        pytest.param("{{ (handle|map(attribute='__class__')|list)[0].mro() }}", id="parts of many"),
        pytest.param("{% import '../appeal/model.py' as m %}", id="a module of selfcheck"),
        pytest.param("{{ 1 / 0 }}", id="a sum that has no answer"),
        pytest.param(
            "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}", id="loops in loops"
        ),
        pytest.param("{% for a in 'x,' * 9 %}{% endfor %}", id="a text many times"),
        pytest.param(
            "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(40) }}",
            id="two calls in each call",
        ),
        pytest.param(
            "{% for a in [1] recursive %}{% if loop.depth < 30 %}{{ loop([1, 1]) }}{{ loop([1]) }}{% endif %}{% endfor %}",
            id="loops that call themselves",
        ),
        pytest.param(
            "{% set n = namespace(t='aa') %}{% for a in range(50) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
            id="a text that doubles",
        ),
        pytest.param(
            "{% set n = namespace(t='aa') %}{% for a in range(50) %}{% set n.t = n.t + n.t %}{% endfor %}",
            id="a text that doubles by a sum",
        ),
        pytest.param(
            "{% set n = namespace(t=[1]) %}{% for a in range(50) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}",
            id="a list that doubles",
        ),
        pytest.param(
            "{% set n = namespace(t='aa') %}{% for a in range(50) %}{% set n.t = n.t|replace('a', n.t) %}{% endfor %}",
            id="a text that doubles by a filter",
        ),
        pytest.param(
            "{% for a in range(9000) %}{{ 'a long line of letters' }}{% endfor %}", id="a letter without end"
        ),
        pytest.param("{{ '{:>9999999999}'.format(1) }}", id="a width in a format"),
        pytest.param("{{ 'a'.center(9999999999) }}", id="a width in a call"),
        pytest.param("{{ 'a'|center(9999999999) }}", id="a width in a filter"),
        pytest.param("{{ 'a'|indent(9999999999) }}", id="an indent that fills the memory"),
        pytest.param(
            "{% set n = namespace(t='aa') %}{% for a in range(50) %}{% set n.t = n.t.replace('a', n.t) %}{% endfor %}",
            id="a text that doubles by a method",
        ),
        pytest.param("{{ lipsum(n=9999999) }}", id="a text made up"),
        pytest.param("{{ pages[7].kind }}", id="a page that there is not"),
        pytest.param("{{ self.x() }}", id="what calls itself"),
        pytest.param("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", id="what never comes to an end"),
    ],
)
def test_a_template_that_cannot_be_followed_is_reported_by_its_name(template: str) -> None:
    with pytest.raises(AppealTemplateError) as error:
        render_letter(letter_of(), own(template))
    assert "mine.j2" in error.value.what
    assert error.value.exit_code == 2


def test_a_mistake_of_form_names_the_line() -> None:
    with pytest.raises(AppealTemplateError, match="line 3"):
        render_letter(letter_of(), own("one\ntwo\n{% for %}"))


# -- for people, for forms, for mails ----------------------------------------------------------------------


def test_plain_text_is_narrow_and_keeps_addresses_whole() -> None:
    address = "https://blog.example/" + "a-long-way" * 12
    shown = plain_text(text(letter_of({**page(), "url": address}, note="word " * 60)))
    assert [line for line in shown.splitlines() if len(line) > 72 and address not in line] == []
    assert address in shown
    assert "[picture" not in shown


def test_a_form_that_takes_it_gets_it_whole_and_the_count() -> None:
    form = form_text(letter_of(), ENGLISH, 2000)
    assert (form.shortened, form.over, form.length) == ((), 0, browser_length(form.text))
    assert f"{form.length} of at most 2000 characters." in appeal_txt(form)


def test_where_the_limit_is_not_known_that_is_reported() -> None:
    assert "the form's limit is not known." in appeal_txt(form_text(letter_of(), ENGLISH, None))


def test_characters_are_counted_as_a_browser_does() -> None:
    assert [browser_length("é"), browser_length("😀"), browser_length("ab\n")] == [1, 2, 2]


def test_it_is_shortened_in_a_fixed_order_until_it_fits() -> None:
    long = letter_of(
        page(), page("story"), page("publication"), earlier=(before(1), before(2)), note="One sentence. " * 30
    )
    whole = form_text(long, ENGLISH, None)
    steps: list[tuple[str, ...]] = []
    for limit in range(whole.length, 500, -3):
        form = form_text(long, ENGLISH, limit)
        if not steps or form.shortened != steps[-1]:
            steps.append(form.shortened)
        assert form.over > 0 or form.length <= limit
    assert [len(one) for one in steps] == [0, 1, 2, 3, 4, 5]
    assert [one[: len(shorter)] for shorter, one in pairwise(steps)] == steps[:-1]
    least = form_text(long, ENGLISH, 500)
    assert least.over > 0
    assert f"{least.over} more than the form's limit of 500" in appeal_txt(least)


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        pytest.param("I write about rivers. I have done so for ten years, week after week.", "I write about rivers.", id="whole sentences"),
        pytest.param("words " * 100, "words […]", id="one without an end, with a mark of the cut"),
        pytest.param("w" * 300, "", id="one word that is too long is left out"),
    ],
)  # fmt: skip
def test_the_authors_paragraph_is_cut_where_it_can_be(note: str, kept: str) -> None:
    least = form_text(letter_of(), ENGLISH, 1).length
    form = form_text(letter_of(note=note), ENGLISH, least + 50)
    assert form.over == 0
    assert f"Signed in, I see my pages as usual; I was not given any reason.\n\n{kept[:5]}" in form.text
    assert kept in form.text
    assert note not in form.text


def test_html_escapes_every_word_and_links_only_web_addresses() -> None:
    facts = letter_of(
        {**page(quote="<script>alert(1)</script> & more")},
        note="<b>x</b> javascript:alert(1)",
        account=replace(ACCOUNT, name="<i>"),
    )
    body = MailBody(text=text(facts), language="en", picture=InlinePicture(file=PICTURE, note="smaller"))
    html = letter_html(body, title="A & B")
    tags = set(re.findall(r"<([a-z]+)", html))
    assert tags <= {"html", "head", "meta", "title", "body", "div", "p", "ul", "li", "a", "img", "span", "br"}
    assert re.findall(r'href="([^"]+)"', html) == ["https://blog.example/profile"] * 2
    assert re.findall(r'src="([^"]+)"', html) == ["cid:side-by-side@selfcheck"]
    assert "smaller" in html


def test_without_a_place_in_the_template_the_picture_stands_at_the_end() -> None:
    body = MailBody(
        text="Hello\n\n> quoted\n\n- one\n- two", language="en", picture=InlinePicture(file=PICTURE)
    )
    html = letter_html(body, title="")
    assert html.index("two") < html.index("cid:side-by-side@selfcheck")
    assert "<blockquote" in html


PICTURE = Attachment(name="01.png", media_type="image/png", data=b"\x89PNG" + bytes(range(256)))


def drafted(**more: Any) -> bytes:
    usual = {
        "sender": "Jäne <j@example.org>",
        "reply_to": "r@example.org",
        "to": ("a@x.invalid",),
        "subject": "Ünd " * 30,
    }
    return draft_bytes(
        mail(
            Envelope(**{**usual, **more}),
            MailBody(text="Grüße, " * 40 + "\n", language="en", picture=InlinePicture(file=PICTURE)),
            attachments=(PICTURE,),
        )
    )


def test_a_draft_is_one_for_mail_programs() -> None:
    data = drafted()
    read = message_from_bytes(data, policy=policy.default)
    assert (read["X-Unsent"], read["Date"], read["Message-ID"]) == ("1", None, None)
    assert (str(read["From"]), str(read["To"]), str(read["Reply-To"])) == (
        "Jäne <j@example.org>",
        "a@x.invalid",
        "r@example.org",
    )
    kinds = [part.get_content_type() for part in read.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png",
    ]  # fmt: skip
    inline, attached = (part for part in read.walk() if part.get_content_type() == "image/png")
    assert (inline["Content-ID"], inline.get_content_disposition()) == ("<side-by-side@selfcheck>", "inline")
    assert (attached.get_content(), attached.get_content_disposition()) == (PICTURE.data, "attachment")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert drafted() == data


def test_a_draft_may_lack_a_sender_and_a_recipient() -> None:
    read = message_from_bytes(drafted(sender=None, reply_to=None, to=()), policy=policy.default)
    assert (read["From"], read["To"], read["Reply-To"], read["X-Unsent"]) == (None, None, None, "1")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"subject": "A\r\nBcc: b@x.org"}, id="a subject of two lines"),
        pytest.param({"sender": "J <j@x.org>\r\nBcc: b@x.org"}, id="a sender of two lines"),
        pytest.param({"to": ("a@x.org\nBcc: b@x.org",)}, id="a recipient of two lines"),
    ],
)
def test_no_header_can_be_added(more: dict[str, Any]) -> None:
    try:
        data = drafted(**more)
    except SelfcheckError:
        return
    assert message_from_bytes(data, policy=policy.default)["Bcc"] is None
