"""Which platform and account an address names: of other sites by their own words."""

import pytest

from selfcheck.platforms.catalogue import shipped_heads, shipped_names
from selfcheck.platforms.recognition import (
    Answer,
    NamedAccount,
    engine_of_page,
    known_account,
    possible_accounts,
    questions,
    says_yes,
    whole_address,
)

HEADS = shipped_heads()


@pytest.mark.parametrize(
    ("address", "platform", "handle"),
    [
        ("https://medium.com/@jane", "medium", "jane"),
        ("medium.com/@jane/about", "medium", "jane"),
        ("https://jane.medium.com/", "medium", "jane"),
        ("https://jane.medium.com/a-story-a1b2c3d4e5f6", "medium", "jane"),
        ("https://medium.com/@jane?source=post_page", "medium", "jane"),
        ("https://substack.com/@jane", "substack", "jane"),
        ("https://substack.com/@jane/posts", "substack", "jane"),
        ("https://www.reddit.com/user/jane_h", "reddit", "jane_h"),
        ("https://www.reddit.com/u/jane_h/", "reddit", "jane_h"),
        ("reddit.com/user/jane_h/submitted/?sort=new", "reddit", "jane_h"),
        ("https://github.com/jane-harrow", "github", "jane-harrow"),
        ("https://github.com/jane-harrow/tides", "github", "jane-harrow"),
        ("https://github.com/jane-harrow?tab=repositories", "github", "jane-harrow"),
        ("https://www.wattpad.com/user/JaneHarrow", "wattpad", "JaneHarrow"),
        ("wattpad.com/user/JaneHarrow/about", "wattpad", "JaneHarrow"),
        ("https://bsky.app/profile/jane.bsky.social", "bluesky", "jane.bsky.social"),
        ("https://bsky.app/profile/jane.example.org", "bluesky", "jane.example.org"),
        ("https://bsky.app/profile/jane.bsky.social/post/3kabc", "bluesky", "jane.bsky.social"),
        ("https://news.ycombinator.com/user?id=jane", "hackernews", "jane"),
        ("https://news.ycombinator.com/submitted?id=jane", "hackernews", "jane"),
        ("news.ycombinator.com/user?id=Jane_2", "hackernews", "Jane_2"),
        ("https://mastodon.social/@jane", "mastodon", "jane"),
        ("https://mastodon.social/users/jane", "mastodon", "jane"),
        ("https://mastodon.social/@jane/112233445566", "mastodon", "jane"),
        ("https://jane.wordpress.com", "wordpress.com", "jane"),
        ("https://jane.wordpress.com/2026/11/01/tides/", "wordpress.com", "jane"),
        ("jane.wordpress.com/feed/", "wordpress.com", "jane"),
        ("https://www.youtube.com/@jane", "youtube", "jane"),
        ("https://youtube.com/@jane/videos", "youtube", "jane"),
        ("https://dev.to/jane", "dev.to", "jane"),
        ("https://dev.to/jane/a-story-1abc", "dev.to", "jane"),
        ("https://x.com/jane", "x", "jane"),
        ("https://twitter.com/jane", "x", "jane"),
        ("https://x.com/jane/status/1234567890", "x", "jane"),
        ("https://write.as/jane/", "write.as", "jane"),
        ("https://write.as/@jane", "write.as", "jane"),
        ("https://jane.writeas.com/tides", "write.as", "jane"),
        ("https://www.linkedin.com/in/jane-harrow", "linkedin", "jane-harrow"),
        ("https://linkedin.com/in/jane-harrow/recent-activity/", "linkedin", "jane-harrow"),
        ("https://www.quora.com/profile/Jane-Harrow", "quora", "Jane-Harrow"),
        ("https://www.quora.com/profile/Jane-Harrow/answers", "quora", "Jane-Harrow"),
        ("https://www.instagram.com/jane.harrow/", "instagram", "jane.harrow"),
        ("https://www.threads.com/@jane.harrow", "threads", "jane.harrow"),
        ("https://www.threads.net/@jane.harrow", "threads", "jane.harrow"),
        ("https://www.tiktok.com/@jane.harrow", "tiktok", "jane.harrow"),
        ("https://www.facebook.com/jane.harrow", "facebook", "jane.harrow"),
        ("https://matters.town/@jane", "matters", "jane"),
        ("https://matters.town/@jane/8812-a-story-bafyabc", "matters", "jane"),
        ("https://www.tumblr.com/jane", "tumblr", "jane"),
        ("https://www.tumblr.com/blog/jane", "tumblr", "jane"),
        ("https://jane.tumblr.com/post/123", "tumblr", "jane"),
        ("https://jane.blogspot.com/2026/11/tides.html", "blogger", "jane"),
        ("https://hashnode.com/@jane", "hashnode", "jane"),
    ],
)
def test_an_address_of_a_shipped_platform_names_the_account(address: str, platform: str, handle: str) -> None:
    assert platform in shipped_names()
    assert known_account(whole_address(address), HEADS) == NamedAccount(platform=platform, handle=handle)


MASTODON, FOREM, FREELY = (
    Answer(status=200, content_type="application/json", text=text)
    for text in (
        '{"version": "2.0", "software": {"name": "mastodon", "version": "4.4.0"}}',
        '{"context": "general", "display_in_directory": true, "name": "Ours"}',
        '{"version":"2.0","software":{"name":"writefreely","version":"0.15"}}',
    )
)
NOTHING = Answer(status=404, content_type="text/html", text="Not found: mastodon, writefreely, wp/v2")


def account_by(address: str, page: str, answers: dict[str, Answer]) -> NamedAccount | None:
    """The account by what a site says of itself, as `init` asks it."""
    accounts = possible_accounts(address, HEADS)
    if name := engine_of_page(page, HEADS):
        return accounts.get(name)
    asked = questions(accounts, HEADS)
    yes = (name for name, question in asked if says_yes(question, answers.get(question.path, NOTHING)))
    return next((accounts[name] for name in yes), None)


WORDPRESS = '<html><head><meta name="generator" content="WordPress 6.8"></head></html>'

GHOST = '<html><head><meta name="generator" content="Ghost 5.130"></head></html>'


@pytest.mark.parametrize(
    ("address", "page", "answers", "expected"),
    [
        ("https://blog.example/author/jane/", WORDPRESS, {}, ("wordpress", "jane")),
        ("https://www.blog.example/author/jane", WORDPRESS.upper(), {}, ("wordpress", "jane")),
        ("https://blog.example/author/jane/page/2/", WORDPRESS, {}, ("wordpress", "jane")),
        ("https://blog.example/", WORDPRESS, {}, None),
        ("https://news.example/author/jane/", GHOST, {}, ("ghost", "jane")),
        ("https://news.example/author/jane/page/2/", GHOST, {}, ("ghost", "jane")),
        (
            "https://blog.example/author/jane/",
            "",
            {"/wp-json/": Answer(status=200, content_type="application/json", text='["wp/v2"]')},
            ("wordpress", "jane"),
        ),
        ("https://town.example/@jane", "", {"/nodeinfo/2.0": MASTODON}, ("mastodon", "jane")),
        ("https://town.example/users/jane", "", {"/nodeinfo/2.0": MASTODON}, ("mastodon", "jane")),
        ("https://town.example/@jane@other.example", "", {"/nodeinfo/2.0": MASTODON}, None),
        ("https://town.example/@jane/1122", "", {"/nodeinfo/2.0": MASTODON}, ("mastodon", "jane")),
        ("https://ours.example/jane", "", {"/api/instance": FOREM}, ("forem", "jane")),
        ("https://ours.example/jane/a-story-1abc", "", {"/api/instance": FOREM}, ("forem", "jane")),
        ("https://quill.example/jane/", "", {"/api/nodeinfo": FREELY}, ("writefreely", "jane")),
        ("https://quill.example/@jane", "", {"/api/nodeinfo": FREELY}, ("writefreely", "jane")),
        (
            "https://quill.example/jane/",
            '<meta name="generator" content="WriteFreely">',
            {},
            ("writefreely", "jane"),
        ),
        ("https://shop.example/jane", '<meta name="generator" content="Shop 3">', {}, None),
        ("https://shop.example/@jane", "WordPress and mastodon are software.", {}, None),
        ("https://shop.example/author/jane", '<meta name="generator" content="Not WordPress">', {}, None),
    ],
)  # fmt: skip
def test_another_site_is_recognised_by_its_own_words(
    address: str, page: str, answers: dict[str, Answer], expected: tuple[str, str] | None
) -> None:
    account = account_by(address, page, answers)
    root = "/".join(address.split("/")[:3])
    assert account == (expected and NamedAccount(platform=expected[0], handle=expected[1], base_url=root))


def test_an_error_page_that_quotes_the_words_is_not_the_engine() -> None:
    assert not any(says_yes(question, NOTHING) for _, question in questions(("mastodon", "wordpress"), HEADS))
