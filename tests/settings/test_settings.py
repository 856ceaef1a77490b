"""profiles.yaml: every mistake is told at once, and what passes can be used as it stands."""

from pathlib import Path

import pytest

from selfcheck.core.request import ProfileRequest, Reader, RunOptions
from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.settings import default_jobs, read_configuration

GOOD = """\
profiles:
  - name: jane
    platform: medium
    handle: "@jane"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "profiles.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[tuple[int | None, str, str]]:
    """Return line, place and the rest of each mistake."""
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(written(folder, text))
    return [(one.line, one.where, one.hint) for one in caught.value.mistakes]


def the_profile(folder: Path, more: str = "", good: str = GOOD) -> ProfileRequest:
    (profile,) = read_configuration(written(folder, good + more)).profiles
    return profile


def test_five_mistakes_are_five_mistakes(tmp_path: Path) -> None:
    text = """\
profiles:
  - name: jane
    platform: meduim
    handle: "@jane"
    storys: []
  - name: jane
    platform: medium
    handle: "@not a handle"
    base_url: example.org
"""
    assert mistakes(tmp_path, text) == [
        (3, "profiles[0].platform", "did you mean `medium`?"),
        (5, "profiles[0].storys", "did you mean `stories`?"),
        (6, "profiles[1].name", ""),
        (8, "profiles[1].handle", ""),
        (9, "profiles[1].base_url", "https://example.org?"),
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param("    bogus: 1", [(5, "profiles[0].bogus", "")], id="an unknown key"),
        pytest.param(
            "    sesion: x", [(5, "profiles[0].sesion", "did you mean `session`?")], id="a mistyped key"
        ),
        pytest.param("    handle: x", [(5, "profiles[0].handle", "")], id="a key twice"),
        pytest.param("    stories: 5", [(5, "profiles[0].stories", "")], id="a number for stories"),
        pytest.param(
            "    stories: {latest: 0}", [(5, "profiles[0].stories.latest", "")], id="no latest story"
        ),
        pytest.param(
            "    stories: {latest: true}", [(5, "profiles[0].stories.latest", "")], id="true is no count"
        ),
        pytest.param(
            "    stories: {lates: 5}",
            [(5, "profiles[0].stories.lates", "did you mean `latest`?")],
            id="latest mistyped",
        ),
        pytest.param(
            "    stories: [https://medium.com/p/0123456789ab, medium.com/x]",
            [(5, "profiles[0].stories[1]", "https://medium.com/x?")],
            id="one story without https",
        ),
        pytest.param(
            "    stories: [3]", [(5, "profiles[0].stories[0]", 'write "3"')], id="a number as story"
        ),
        pytest.param("    base_url: ftp://x.org", [(5, "profiles[0].base_url", "")], id="another scheme"),
        pytest.param(
            "    base_url: https://x.org?a=1", [(5, "profiles[0].base_url", "")], id="a base with a query"
        ),
        pytest.param(
            "    base_url: https://x.org/#a", [(5, "profiles[0].base_url", "")], id="a base with a fragment"
        ),
        pytest.param(
            "    base_url: 'https://x.org:99999'", [(5, "profiles[0].base_url", "")], id="no such port"
        ),
        pytest.param("    base_url: 'https://'", [(5, "profiles[0].base_url", "")], id="no host"),
        pytest.param("    base_url: https://u:p@x.org", [(5, "profiles[0].base_url", "")], id="a password"),
        pytest.param("    publications: p", [(5, "profiles[0].publications", 'write ["p"]')], id="no list"),
        pytest.param("    publications: [a b]", [(5, "profiles[0].publications[0]", "")], id="no short name"),
        pytest.param(
            "    controls: {live: ['a b']}", [(5, "profiles[0].controls.live[0]", "")], id="a control"
        ),
        pytest.param(
            "    controls: {lvie: ['a']}",
            [(5, "profiles[0].controls.lvie", "did you mean `live`?")],
            id="a control mistyped",
        ),
        pytest.param(
            "    session: a/b", [(5, "profiles[0].session", "")], id="a session that is no file name"
        ),
        pytest.param("    readers: {author: b}", [(5, "profiles[0].readers.author", "")], id="our own name"),
        pytest.param("    readers: {reader: jane}", [(5, "profiles[0].readers", "")], id="no other account"),
        pytest.param("x: 1", [(5, "x", "")], id="an unknown key beside profiles"),
    ],
)
def test_each_mistake_is_reported_once_with_its_line(
    tmp_path: Path, more: str, expected: list[tuple[int, str, str]]
) -> None:
    assert mistakes(tmp_path, GOOD + more) == expected


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../x", id="it leaves the folder"),
        pytest.param("a/b", id="it has a slash"),
        pytest.param("con", id="Windows keeps it for itself"),
        pytest.param("LPT1.x", id="Windows keeps it with an ending too"),
        pytest.param("a.", id="it ends with a dot"),
        pytest.param(".a", id="it is hidden"),
        pytest.param("", id="it is empty"),
        pytest.param("a" * 61, id="it is too long"),
        pytest.param("run.json", id="a run's own file has it"),
        pytest.param("a b", id="it has a space"),
    ],
)
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    text = GOOD.replace("name: jane", f"name: '{name}'")
    assert mistakes(tmp_path, text) == [(2, "profiles[0].name", "")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [(None, "")], id="an empty file"),
        pytest.param("profiles:", [(1, "profiles")], id="no profiles"),
        pytest.param("profiles: []", [(1, "profiles")], id="an empty list"),
        pytest.param("profiles: {a: 1}", [(1, "profiles")], id="a mapping"),
        pytest.param(
            "profiles: [1, x]", [(1, "profiles[0]"), (1, "profiles[1]")], id="profiles that are none"
        ),
        pytest.param("- name: x", [(1, "")], id="a list as file"),
        pytest.param("profile: []", [(1, "profile")], id="a mistyped head"),
        pytest.param(
            "profiles:\n- {}",
            [(2, f"profiles[0].{key}") for key in ("name", "platform", "handle")],
            id="a profile without anything",
        ),
    ],
)
def test_a_file_of_another_form_is_reported(
    tmp_path: Path, text: str, expected: list[tuple[int, str]]
) -> None:
    assert [(line, place) for line, place, _ in mistakes(tmp_path, text)] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("con", "Windows reserves this one", id="a reserved name is called one"),
        pytest.param("LPT1.x", "Windows reserves this one", id="with an ending too"),
        pytest.param("run.json", "a file of each run has this one", id="a run's own file"),
        pytest.param("J\u00fcrgen", "letters a-z or A-Z", id="an umlaut is told which letters will do"),
        pytest.param("my blog", "letters a-z or A-Z", id="a space is told them too"),
    ],
)
def test_a_name_is_refused_for_its_own_reason(tmp_path: Path, name: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(written(tmp_path, GOOD.replace("name: jane", f"name: '{name}'")))
    (mistake,) = caught.value.mistakes
    assert expected in mistake.expected


@pytest.mark.parametrize(
    ("story", "is_right"),
    [
        pytest.param("https://medium.com/p/0123456789ab", True, id="a short address"),
        pytest.param("https://medium.com/@jane/my-story-0123456789ab?source=x", True, id="a long one"),
        pytest.param("https://jane.medium.com/my-story-0123456789ab", True, id="on a subdomain"),
        pytest.param("https://stories.example.org/my-story", True, id="on a domain of one's own"),
        pytest.param("https://medium.com/", False, id="the platform's home is no story"),
        pytest.param("https://medium.com/@jane", False, id="a profile is no story"),
        pytest.param("https://jane.medium.com/about", False, id="a page of a subdomain is no story"),
        pytest.param("https://x.org:81/@jane", False, id="a profile on the base_url is no story"),
        pytest.param("https://x.org:81/p/0123456789ab", True, id="a story on the base_url"),
    ],
)
def test_a_story_on_the_platforms_own_site_has_an_id(tmp_path: Path, story: str, is_right: bool) -> None:
    more = f"    base_url: https://x.org:81\n    stories: ['{story}']\n"
    if is_right:
        assert the_profile(tmp_path, more).stories == (story,)
    else:
        assert mistakes(tmp_path, GOOD + more) == [(6, "profiles[0].stories[0]", "")]


def test_names_that_differ_in_case_only_are_the_same(tmp_path: Path) -> None:
    second = "  - {name: JANE, platform: medium, handle: joe}\n"
    assert mistakes(tmp_path, GOOD + second) == [(5, "profiles[1].name", "")]


def test_mistakes_of_a_platform_file_are_told_beside_those_of_the_profiles(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text("platform: my\ntitel: My\n", encoding="utf-8")
    each = ("{name: a, platform: ./my.yaml, handle: a}", "{name: b, platform: ./my.yaml, handel: b}")
    text = f"profiles:\n- {each[0]}\n- {each[1]}\n"
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(written(tmp_path, text))
    places = [(Path(one.file).name, one.line, one.where) for one in caught.value.mistakes]
    assert ("profiles.yaml", 3, "profiles[1].handel") in places
    assert places.count(("my.yaml", 2, "titel")) == 1


def test_a_platform_file_that_is_not_there_is_reported_where_it_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("medium", "./nowhere.yaml")
    assert mistakes(tmp_path, text) == [(3, "profiles[0].platform", "")]


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(written(tmp_path, GOOD + "    base_url: https://u:hunter2@x.org"))
    assert "hunter2" not in "\n".join(caught.value.lines())


@pytest.mark.parametrize(
    "handle",
    ["@jane", "jane", "https://medium.com/@jane", "https://jane.medium.com", "https://jane.medium.com/about"],
)
def test_a_handle_may_be_given_as_an_address(tmp_path: Path, handle: str) -> None:
    assert the_profile(tmp_path, good=GOOD.replace("@jane", handle)).handle == "jane"


@pytest.mark.parametrize(
    ("given", "publication"),
    [
        pytest.param("my-pub", "my-pub", id="a short name"),
        pytest.param("https://medium.com/my-pub", "my-pub", id="its address"),
        pytest.param("https://medium.com/my-pub/?x=1", "my-pub", id="its address with a query"),
        pytest.param("https://my-pub.medium.com/", "my-pub", id="its subdomain"),
        pytest.param("https://stories.example.org", "https://stories.example.org", id="a site of its own"),
        pytest.param("https://x.org/blog/my-pub", "my-pub", id="its address on the base_url"),
    ],
)
def test_a_publication_may_be_given_as_an_address(tmp_path: Path, given: str, publication: str) -> None:
    more = f"    base_url: https://x.org/blog/\n    publications: ['{given}']\n"
    assert the_profile(tmp_path, more).publications == (publication,)


def test_what_is_not_given_has_a_meaning(tmp_path: Path) -> None:
    assert the_profile(tmp_path) == ProfileRequest(
        name="jane", platform="medium", handle="jane", session="jane", live_controls=None
    )


def test_what_is_given_is_used(tmp_path: Path) -> None:
    more = """\
    base_url: http://127.0.0.1:8000/
    stories: [https://medium.com/p/0123456789ab, https://medium.com/p/0123456789ab]
    session: other
    controls: {live: ["@someone"]}
    readers: {reader: friend}
"""
    assert the_profile(tmp_path, more) == ProfileRequest(
        name="jane",
        platform="medium",
        handle="jane",
        base_url="http://127.0.0.1:8000",
        stories=("https://medium.com/p/0123456789ab",),
        session="other",
        live_controls=("someone",),
        readers=(Reader(viewpoint="reader", session="friend"),),
    )


def test_the_latest_stories_are_asked_for_by_number(tmp_path: Path) -> None:
    assert the_profile(tmp_path, "    stories: {latest: 5}\n").latest_stories == 5


def test_named_profiles_are_chosen_in_the_order_of_the_names(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD + "  - {name: joe, platform: medium, handle: joe}\n")
    request = read_configuration(path).request(("joe", "jane", "joe"), RunOptions(data_dir=tmp_path))
    assert [profile.name for profile in request.profiles] == ["joe", "jane"]
    assert request.source == path


def test_a_profile_that_is_not_there_is_reported_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_configuration(written(tmp_path, GOOD)).request(("jnae",), RunOptions(data_dir=tmp_path))
    assert "Did you mean `jane`?" in caught.value.lines()


def test_a_file_that_is_not_there_is_reported_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_configuration(tmp_path / "profiles.yaml")
    assert "selfcheck init" in caught.value.next_step_text()


def test_the_projects_own_file_is_right() -> None:
    profiles = read_configuration(Path(__file__).parents[2] / "profiles.yaml").profiles
    assert [profile.platform for profile in profiles] == ["demo", "demo"]


@pytest.mark.parametrize(("cores", "jobs"), [(1, 2), (2, 4), (3, 6), (4, 8), (64, 8)])
def test_jobs_follow_the_cores(cores: int, jobs: int) -> None:
    assert default_jobs(cores) == jobs


@pytest.mark.parametrize("platform", ["wordpress", "ghost", "writefreely", "forem"])
def test_software_without_a_site_of_its_own_needs_the_address_of_one(tmp_path: Path, platform: str) -> None:
    text = f"profiles:\n  - name: jane\n    platform: {platform}\n    handle: jane\n"
    with pytest.raises(ConfigurationError) as error:
        read_configuration(written(tmp_path, text))
    assert "`base_url`, the address of your site" in str(error.value.mistakes)
    there = read_configuration(written(tmp_path, f"{text}    base_url: https://blog.example.org\n"))
    assert there.profiles[0].base_url == "https://blog.example.org"
