"""A site without a platform file in a real browser: `platform: learn`, and a drafted file used as one."""

from pathlib import Path

from click.testing import CliRunner
from runs import environment, finish, without_screenshots

from selfcheck.cli import cli
from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.request import ProfileRequest
from selfcheck.demo.site import DemoSite
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.learn import learn_key

LIVE = ("dylan-roarke", "daniel-okafor")
EXPECTED = {
    "elena-marsh": Verdict.VISIBLE,  # shown to everybody, and both views list the same stories
    "tomas-lindqvist": Verdict.HIDDEN,  # the public gets the page of an account that does not exist
    "jonah-vey": Verdict.INCONCLUSIVE,  # a suspension in words that no file knows
}


def test_accounts_on_a_site_without_a_file_and_with_the_drafted_one(tmp_path: Path) -> None:
    here = environment(tmp_path)
    with DemoSite() as site:
        for handle in EXPECTED:
            here.sessions.save(handle, site.storage_state(handle))
        own, *live = (f"{site.url}/@{handle}" for handle in ("elena-marsh", *LIVE))
        words = ["platforms", "learn", own, "--live", live[0], "--live", live[1]]
        draft = tmp_path / "drafted.yaml"
        written = CliRunner().invoke(cli, [*words, "--out", str(draft)])
        assert written.exit_code == 0, written.output
        assert "Read it, then: platform:" in written.output
        assert load_platform(str(draft)).controls.live == LIVE

        profiles = [
            _profile(handle, handle, learn_key({"profile": f"{site.url}/@{handle}"}, handle), LIVE)
            for handle in EXPECTED
        ]
        drafted = _profile("drafted", "elena-marsh", str(draft), None)
        with without_screenshots():
            done = finish(tmp_path, *profiles, drafted, in_environment=here)
    judged = {one.name: one for one in done.result.profiles}
    assert {name: judged[name].verdict for name in EXPECTED} == EXPECTED
    assert {judged[name].strength for name in EXPECTED} == {Strength.LIKELY}
    assert judged["drafted"].verdict is Verdict.VISIBLE


def _profile(name: str, handle: str, platform: str, live: tuple[str, ...] | None) -> ProfileRequest:
    return ProfileRequest(name=name, platform=platform, handle=handle, session=handle, live_controls=live)
