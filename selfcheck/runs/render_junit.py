"""A run as JUnit XML: a suite per profile, a case per page.

Laws:
1. A page that could not be judged is an error, never a pass: "inconclusive" is not good news.
2. A suite never looks better than its profile: a verdict that no page has gets a case of its own.
3. A page that was fine lately and was left to a later run is skipped, neither passed nor failed.
4. A profile that was left to the next run is an error too, or a run that opened nothing would pass.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring  # writes only; nothing is parsed

from selfcheck.core.enums import Verdict
from selfcheck.core.headlines import page_headline
from selfcheck.core.hosts import split_address
from selfcheck.core.labels import KIND_WORD, unopened_words
from selfcheck.core.run import RunResult
from selfcheck.core.text_safety import one_line
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, UnopenedPage


def junit(result: RunResult) -> str:
    """Return the run as JUnit XML text."""
    root = Element("testsuites", name="selfcheck")
    for profile in result.profiles:
        _suite(root, profile, result)
    if result.failures:
        _failures(root, result.failures)
    if result.not_checked:
        _not_checked(root, result.not_checked)
    _count(root)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Element, profile: ProfileVerdict, result: RunResult) -> None:
    moment = f"{result.started_at:%Y-%m-%dT%H:%M:%S}"
    suite = SubElement(root, "testsuite", name=one_line(profile.name), timestamp=moment)
    for page in profile.pages:
        _page(suite, profile, page)
    for unopened in profile.not_opened:
        case = SubElement(suite, "testcase", name=_case_name(unopened), classname=one_line(profile.name))
        SubElement(case, "skipped", message=unopened_words(unopened))
    if profile.verdict is not Verdict.VISIBLE and all(
        page.verdict is not profile.verdict for page in profile.pages
    ):
        case = SubElement(suite, "testcase", name="the profile as a whole", classname=one_line(profile.name))
        reasons = [firing.reason for firing in profile.firings]
        _finding(case, profile.verdict, one_line(profile.summary), reasons)
    _count(suite)


def _page(suite: Element, profile: ProfileVerdict, page: PageVerdict) -> None:
    milliseconds = sum(look.milliseconds for look in page.views.values())
    case = SubElement(
        suite,
        "testcase",
        name=_case_name(page),
        classname=one_line(profile.name),
        time=f"{milliseconds / 1000:.3f}",
    )
    if page.verdict is not Verdict.VISIBLE:
        headline = page_headline(page)
        reasons = [f"{firing.rule}: {firing.reason}" for firing in page.firings]
        _finding(case, page.verdict, headline, reasons)
    if page.side_by_side:
        SubElement(case, "system-out").text = f"picture: {page.side_by_side}"


def _case_name(page: PageVerdict | UnopenedPage) -> str:
    """Return a name that stays the same from run to run: no title, no host, no port."""
    return f"{KIND_WORD[page.kind]} {one_line(page.subject or split_address(page.url).path)}".strip()


def _finding(case: Element, verdict: Verdict, message: str, reasons: list[str]) -> None:
    tag = "error" if verdict is Verdict.INCONCLUSIVE else "failure"
    finding = SubElement(case, tag, type=verdict.value, message=message)
    finding.text = "\n".join(one_line(reason) for reason in reasons)


def _failures(root: Element, failures: tuple[str, ...]) -> None:
    suite = SubElement(root, "testsuite", name="selfcheck itself")
    for number, failure in enumerate(failures, start=1):
        case = SubElement(suite, "testcase", name=f"failure {number}", classname="selfcheck")
        SubElement(case, "error", type="tool", message=one_line(failure))
    _count(suite)


def _not_checked(root: Element, names: tuple[str, ...]) -> None:
    suite = SubElement(root, "testsuite", name="not checked in this run")
    for name in names:
        case = SubElement(suite, "testcase", name="the profile as a whole", classname=one_line(name))
        SubElement(case, "error", type="not_checked", message="The next run goes on with it.")
    _count(suite)


def _count(element: Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    element.set("failures", str(len(list(element.iter("failure")))))
    element.set("errors", str(len(list(element.iter("error")))))
    if skipped := len(list(element.iter("skipped"))):
        element.set("skipped", str(skipped))
