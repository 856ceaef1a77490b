# ruff: noqa: ARG005, E501, FBT003, RUF001 — each page is HTML as an engine writes it, all by one signature
"""Small sites built as real engines build theirs, for `platform: learn`: structure theirs, texts ours.

| site | structure after |
|---|---|
| blog | a blog of several authors (WordPress: archive and single templates, admin bar, dated addresses) |
| newsletter | one subdomain for each writer (Substack: `/p/`, JSON in the page, a subscribers' wall) |
| federated | a federated server (Mastodon's web pages: `/@name`, `profile:username`, initial state, 410) |
| forum | a forum of links (Hacker News: tables, queries in addresses, "No such user." with status 200) |

They are apart from `engines/`, which answers one account's pages, each as a scenario names it; here the account's
state decides, for every address of a site with several accounts. Learned marks were made with these sites and met
those engines later, so that one set can check the other.

A site answers what an account's state says, from each viewpoint. Nothing here knows selfcheck's marks.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass, field

AUTHOR = "author"
TITLES = ("What the tide keeps", "A map of small rivers", "Seven ways to fold paper", "Letters from the mill")
MORE = ("How bells are cast", "A winter without post", "The clerk who sang", "Notes on gravel")
OTHERS = ("Bread for two", "The last ferry of 1963", "On losing keys", "Weather for beginners")


@dataclass(frozen=True)
class Page:
    """What a site answers."""

    body: str
    status: int = 200
    led_to: str = ""  # the final address, where it is another one


@dataclass(frozen=True, kw_only=True, eq=False)
class Account:
    """What one account shows to the public; its author is shown everything as usual."""

    name: str
    titles: tuple[str, ...] = TITLES
    profile: str = "shown"  # shown, gone, suspended, home, other, wall, error, login
    listed: tuple[int, ...] | None = None  # which stories the public's list has; None: all
    stories: dict[int, str] = field(default_factory=dict)  # what the public gets instead of a story
    author_gets: str = "shown"
    drafts: tuple[int, ...] = ()  # stories that are not published
    owner: str = ""  # whose publication it is
    extra: str = ""  # a line that the public's profile page has besides


def slug(title: str) -> str:
    """Return a title as it stands in addresses."""
    return title.casefold().replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How one engine builds its pages."""

    name: str
    home: str
    profile_url: Callable[[str], str]
    story_url: Callable[[str, int, str], str]  # account, place and title of the story
    frame: Callable[..., str]  # main, title, head, signed_in
    profile: Callable[..., tuple[str, str]]  # account's name, rows of (url, title): head and main
    story: Callable[..., tuple[str, str]]  # account's name, url, title: head and main
    gone: Callable[[], str]
    suspended: Callable[[], str]
    tools: Callable[[str], str]  # what its own author sees on a profile besides
    gone_status: int = 404
    suspended_status: int = 200

    def urls(self, account: Account) -> list[str]:
        """Return the addresses of an account's stories."""
        return [self.story_url(account.name, place, title) for place, title in enumerate(account.titles)]

    def answer(self, url: str, viewpoint: str, accounts: dict[str, Account]) -> Page:
        """Return what the site answers at this address."""
        signed_in = viewpoint == AUTHOR and accounts["jane"].author_gets != "signed out"
        for account in accounts.values():
            if url.rstrip("/") == self.profile_url(account.name).rstrip("/"):
                own = signed_in and "jane" in {account.name, account.owner}
                state = account.author_gets if own else account.profile
                return self._profile(account, state, own=own, signed_in=signed_in)
            for place, address in enumerate(self.urls(account)):
                if url.rstrip("/") == address.rstrip("/"):
                    own = signed_in and account.name == "jane"
                    state = "shown" if own else account.stories.get(place, "shown")
                    state = "gone" if not own and place in account.drafts else state
                    return self._story(account, place, state, signed_in=signed_in)
        return self._message("gone", signed_in=signed_in)

    def _profile(self, account: Account, state: str, *, own: bool, signed_in: bool) -> Page:
        if state == "other":
            return self._profile(Account(name="somebody"), "shown", own=False, signed_in=signed_in)
        if state != "shown":
            return self._message(state, signed_in=signed_in)
        places = [place for place in range(len(account.titles)) if own or place not in account.drafts]
        if not own and account.listed is not None:
            places = [place for place in places if place in account.listed]
        urls = self.urls(account)
        head, main = self.profile(account.name, [(urls[place], account.titles[place]) for place in places])
        tools = self.tools(account.name) if own else account.extra
        return Page(self.frame(tools + main, account.name, head, signed_in))

    def _story(self, account: Account, place: int, state: str, *, signed_in: bool) -> Page:
        if state != "shown":
            return self._message(state, signed_in=signed_in)
        url, title = self.urls(account)[place], account.titles[place]
        head, main = self.story(account.name, url, title)
        return Page(self.frame(main, title, head, signed_in))

    def _message(self, state: str, *, signed_in: bool) -> Page:
        pages = {
            "gone": lambda: Page(self.frame(self.gone(), "Not here", "", signed_in), self.gone_status),
            "suspended": lambda: Page(
                self.frame(self.suspended(), "Not here", "", signed_in), self.suspended_status
            ),
            "home": lambda: Page(
                self.frame("<h1>Read and write</h1>", "Home", "", signed_in), led_to=f"{self.home}/"
            ),
            "wall": lambda: Page("<html><body><p>Checking your browser</p></body></html>", 403),
            "error": lambda: Page("<html><body><h1>502 Bad Gateway</h1></body></html>", 502),
            "login": lambda: Page(
                self.frame(
                    "<form action='/session'><input name=u><input type=password name=p></form>",
                    "Enter",
                    "",
                    False,
                ),
                led_to=f"{self.home}/login",
            ),
        }
        return pages[state]()


def _rows(rows: list[tuple[str, str]], row: Callable[[str, str], str]) -> str:
    return "".join(row(html.escape(url), html.escape(title)) for url, title in rows)


def _body(title: str) -> str:
    words = " ".join(f"{title} goes on in its own way, part {part}." for part in range(4))
    return f"<p>{words}</p><p>And then it ends as {title.casefold()} must.</p>"


# -- a blog of several authors -----------------------------------------------------------------------------

_BLOG = "https://many.example"


def _blog_frame(main: str, title: str, head: str, signed_in: bool) -> str:
    bar = (
        '<div id="wpadminbar" class="nojq"><ul id="wp-admin-bar-root-default" class="ab-top-menu">'
        '<li><a class="ab-item" href="/wp-admin/profile.php">Howdy</a></li><li><a class="ab-item" '
        'href="/wp-login.php?action=logout&amp;_wpnonce=1">Log Out</a></li></ul></div>'
        if signed_in
        else ""
    )
    sidebar = "".join(
        f'<li><a href="{_BLOG}/2025/01/{slug(name)}/">{name}</a></li>' for name in ("House rules", "Welcome")
    )
    meta = "" if signed_in else '<li><a href="/wp-login.php">Log in</a></li>'
    return (
        f'<html lang="en-US"><head><meta charset="UTF-8"><title>{title} – Many</title><link rel="profile" '
        f'href="https://gmpg.org/xfn/11"><meta name="generator" content="WordPress 6.8">{head}<link '
        'rel="stylesheet" id="wp-block-library-css" href="/wp-includes/css/style.min.css"></head>'
        f'<body class="hfeed wp-embed-responsive">{bar}<div id="page" class="site"><a class="skip-link" '
        'href="#content">Skip to content</a><header id="masthead" class="site-header"><p class="site-title">'
        f'<a href="{_BLOG}/" rel="home">Many</a></p><nav id="site-navigation" class="main-navigation"><ul '
        f'id="menu"><li class="menu-item"><a href="/about-us/">About</a></li></ul></nav></header><main '
        f'id="primary" class="site-main">{main}</main><aside id="secondary" class="widget-area"><section '
        f'class="widget widget_recent_entries"><h2>Recent Posts</h2><ul>{sidebar}</ul></section><section '
        f'class="widget widget_meta"><ul>{meta}</ul></section></aside><footer id="colophon" '
        'class="site-footer"><div class="site-info">Proudly made by hand</div></footer></div></body></html>'
    )


def _blog_profile(name: str, rows: list[tuple[str, str]]) -> tuple[str, str]:
    url = f"{_BLOG}/author/{name}/"
    cards = _rows(
        rows,
        lambda address, title: (
            f'<article id="post-1" class="post type-post status-publish hentry"><header class="entry-header">'
            f'<h2 class="entry-title"><a href="{address}" rel="bookmark">{title}</a></h2><div class="entry-meta">'
            f'<span class="byline">by <a class="url fn n" href="{url}">{name}</a></span></div></header>'
            f'<div class="entry-summary"><p>It begins.</p></div><footer class="entry-footer"><span '
            f'class="tags-links"><a href="/tag/{address[-6:-1]}-notes/" rel="tag">notes</a></span></footer></article>'
        ),
    )
    head = (
        f'<link rel="canonical" href="{url}"><meta property="og:url" content="{url}"><meta property="og:type" '
        f'content="profile"><link rel="alternate" type="application/rss+xml" href="{url}feed/">'
    )
    title = f'<header class="page-header"><h1 class="page-title">Author: <span>{name}</span></h1></header>'
    return head, title + (cards or '<section class="no-results"><p>No posts yet.</p></section>')


def _blog_story(name: str, url: str, title: str) -> tuple[str, str]:
    head = (
        f'<link rel="canonical" href="{url}"><meta property="og:url" content="{url}">'
        '<meta property="og:type" content="article">'
    )
    return head, (
        f'<article class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">{title}'
        f'</h1><div class="entry-meta"><a class="url fn n" href="{_BLOG}/author/{name}/">{name}</a></div>'
        f'</header><div class="entry-content">{_body(title)}</div></article>'
        '<nav class="navigation post-navigation"><div class="nav-links"></div></nav>'
    )


BLOG = Engine(
    name="blog",
    home=_BLOG,
    profile_url=lambda name: f"{_BLOG}/author/{name}/",
    story_url=lambda name, place, title: f"{_BLOG}/2024/0{place + 1}/{slug(title)}-by-{name[0]}/",
    frame=_blog_frame,
    profile=_blog_profile,
    story=_blog_story,
    gone=lambda: (
        '<section class="error-404 not-found"><header class="page-header"><h1 class="page-title">Oops! That '
        'page can&rsquo;t be found.</h1></header><form role="search" class="search-form"><input '
        'type="search"></form></section>'
    ),
    suspended=lambda: (
        '<section class="error-410"><h1 class="page-title">This blog has been suspended.</h1>'
        "<p>It broke our terms.</p></section>"
    ),
    tools=lambda name: '<p class="edit-link"><a href="/wp-admin/edit.php">Edit posts</a></p>',
    suspended_status=410,
)

# -- a newsletter for each writer ----------------------------------------------------------------------------

_NEWS = "https://letters.example"


def _news_frame(main: str, title: str, head: str, signed_in: bool) -> str:
    buttons = (
        '<a class="button" href="/account/logout">Sign out</a>'
        if signed_in
        else '<a class="button" data-testid="sign-in" href="/sign-in">Sign in</a>'
    )
    return (
        f"<html><head><title>{title}</title>{head}<script "
        'src="https://cdn.letters.example/bundle/main.js"></script><meta name="theme-color" content="#fff">'
        '<link rel="stylesheet" href="https://cdn.letters.example/theme/main.css"></head><body '
        f'class="pencraft"><div id="entry"><div id="main" class="main typography"><div '
        f'data-testid="navbar" class="topbar">{buttons}</div>{main}</div><div class="footer-wrap publication-'
        f'footer"><a href="{_NEWS}/privacy">Privacy</a></div></div>'
        '<script>window._preloads = JSON.parse("{\\"isEU\\":true,\\"language\\":\\"en\\",\\"features\\":{}}")'
        "</script></body></html>"
    )


def _news_profile(name: str, rows: list[tuple[str, str]]) -> tuple[str, str]:
    home = f"https://{name}.letters.example/"
    cards = _rows(
        rows,
        lambda url, title: (
            f'<div role="article" class="post-preview"><a data-testid="post-preview-title" class="pc-display" '
            f'href="{url}">{title}</a><div class="post-preview-description">It begins.</div><div '
            f'class="like-wrap"><a class="comment" href="{url}/comments">3</a></div></div>'
        ),
    )
    head = (
        f'<link rel="canonical" href="{home}"><meta property="og:url" content="{home}">'
        f'<meta property="og:title" content="{name}"><meta name="author" content="{name}">'
    )
    return head, (
        f'<div class="intro"><h1 class="publication-name">{name}</h1><form class="subscribe"><input '
        f'type="email"><button>Subscribe</button></form></div><div class="portable-archive-list">{cards}</div>'
    )


def _news_story(name: str, url: str, title: str) -> tuple[str, str]:
    head = f'<link rel="canonical" href="{url}"><meta property="og:url" content="{url}">'
    return head, (
        f'<article class="typography newsletter-post post"><h1 class="post-title">{title}</h1><div '
        f'class="byline"><a href="https://{name}.letters.example/">{name}</a></div><div '
        f'class="available-content"><div class="body markup">{_body(title)}</div></div></article>'
    )


NEWSLETTER = Engine(
    name="newsletter",
    home=_NEWS,
    profile_url=lambda name: f"https://{name}.letters.example/",
    story_url=lambda name, place, title: f"https://{name}.letters.example/p/{slug(title)}",
    frame=_news_frame,
    profile=_news_profile,
    story=_news_story,
    gone=lambda: (
        '<div class="error-page"><h1 class="error-code">404</h1><p>Page not found</p>'
        '<a href="https://letters.example/discover">Explore</a></div>'
    ),
    suspended=lambda: (
        '<div class="error-page"><h1 class="error-code">Unavailable</h1><p>This publication has been '
        "removed for breaking our guidelines.</p></div>"
    ),
    tools=lambda name: '<div class="dash"><a href="/publish/home">Dashboard</a></div>',
    suspended_status=404,
)

# -- a federated server ----------------------------------------------------------------------------------------

_FED = "https://fed.example"


def _fed_frame(main: str, title: str, head: str, signed_in: bool) -> str:
    nav = (
        '<a class="column-link" href="/auth/sign_out" data-method="delete">Logout</a>'
        if signed_in
        else '<a class="button button--block" href="/auth/sign_in">Login</a>'
    )
    return (
        f"<html><head><title>{title} - Fed</title><link rel='manifest' href='/manifest'>"
        f"<meta name='mobile-web-app-capable' content='yes'>{head}<script src='/packs/application.js' "
        "type='module'></script></head><body class='app-body layout-single-column'><div class='app-holder' "
        "id='mastodon'><div class='ui'><div class='columns-area__panels'><div "
        f"class='navigation-panel'><a class='column-link' href='/explore'>Explore</a>{nav}</div><div "
        f"class='columns-area__panels__main'>{main}</div></div></div></div><script id='initial-state' "
        'type="application/json">{"meta":{"locale":"en","domain":"fed.example"},"accounts":{}}</script>'
        "</body></html>"
    )


def _fed_profile(name: str, rows: list[tuple[str, str]]) -> tuple[str, str]:
    url = f"{_FED}/@{name}"
    toots = _rows(
        rows,
        lambda address, title: (
            f'<article><div class="status__wrapper status-public"><div class="status"><a '
            f'class="status__relative-time" href="{address}"><time>1 Mar</time></a><a '
            f'class="status__display-name" href="/@{name}"><bdi><strong>{name}</strong></bdi></a><div '
            f'class="status__content"><p>{title}</p></div><div class="status__action-bar"><button '
            f'title="Reply"></button></div></div></div></article>'
        ),
    )
    head = (
        f'<link rel="canonical" href="{url}"><meta content="{name}@fed.example" property="profile:username">'
        f'<meta content="profile" property="og:type"><meta content="{url}" property="og:url">'
        f'<link href="{url}.rss" rel="alternate" type="application/rss+xml"><meta name="robots" content="all">'
    )
    return head, (
        f'<div class="account__header"><div class="account__header__tabs__name"><h1><span>{name}</span><small>'
        f"@{name}@fed.example</small></h1></div><div class='account__header__extra__links'><a "
        f'href="/@{name}/following">12 Following</a><a href="/@{name}/followers">34 Followers</a></div></div>'
        f'<div class="item-list" role="feed">{toots}</div>'
    )


def _fed_story(name: str, url: str, title: str) -> tuple[str, str]:
    head = (
        f'<link rel="canonical" href="{url}"><meta content="{url}" property="og:url">'
        '<meta content="article" property="og:type">'
    )
    return head, (
        f'<div class="detailed-status__wrapper"><div class="detailed-status"><a class="detailed-status__'
        f'display-name" href="/@{name}"><strong>{name}</strong></a><div class="status__content">{_body(title)}'
        "</div><div class='detailed-status__meta'><time>1 Mar</time></div></div></div>"
    )


FEDERATED = Engine(
    name="federated",
    home=_FED,
    profile_url=lambda name: f"{_FED}/@{name}",
    story_url=lambda name, place, title: f"{_FED}/@{name}/11{ord(name[0])}00{place}{len(title)}",
    frame=_fed_frame,
    profile=_fed_profile,
    story=_fed_story,
    gone=lambda: (
        "<div class='regeneration-indicator'><h4>The page you are looking for isn't here.</h4>"
        "<img class='elephant'></div>"
    ),
    suspended=lambda: (
        "<div class='account__header'><div class='empty-column-indicator'>Account suspended</div></div>"
    ),
    tools=lambda name: "<div class='tabs'><a href='/settings/profile'>Edit profile</a></div>",
)

# -- a forum of links ----------------------------------------------------------------------------------------

_FORUM = "https://links.example"


def _forum_frame(main: str, title: str, head: str, signed_in: bool) -> str:
    user = (
        '<a id="logout" href="logout?auth=1">logout</a>' if signed_in else '<a href="login?goto=x">login</a>'
    )
    return (
        f'<html lang="en" op="user"><head><meta name="referrer" content="origin">{head}<title>{title} | Links'
        '</title><link rel="stylesheet" type="text/css" href="news.css"></head><body><center><table '
        'id="hnmain" border="0"><tr><td bgcolor="#ff6600"><table border="0"><tr><td class="pagetop"><b '
        f'class="hnname"><a href="news">Links</a></b> <a href="newest">new</a></td><td class="pagetop">{user}'
        f'</td></tr></table></td></tr><tr id="bigbox"><td>{main}</td></tr><tr><td><span class="yclinks"><a '
        'href="newsguidelines.html">Guidelines</a></span></td></tr></table></center></body></html>'
    )


def _forum_profile(name: str, rows: list[tuple[str, str]]) -> tuple[str, str]:
    items = _rows(
        rows,
        lambda url, title: (
            f'<tr class="athing submission"><td class="title"><span class="titleline"><a href="{url}">{title}'
            f'</a></span></td></tr><tr><td class="subtext"><span class="score">12 points</span> by <a '
            f'class="hnuser" href="user?id={name}">{name}</a></td></tr>'
        ),
    )
    return f'<link rel="canonical" href="{_FORUM}/submitted?id={name}">', (
        f'<table border="0" class="itemlist">{items}</table>'
    )


def _forum_story(name: str, url: str, title: str) -> tuple[str, str]:
    return f'<link rel="canonical" href="{url}">', (
        f'<table class="fatitem"><tr class="athing submission"><td class="title"><span class="titleline"><a '
        f'href="https://elsewhere.example/{slug(title)}">{title}</a></span></td></tr><tr><td class="subtext">by '
        f'<a class="hnuser" href="user?id={name}">{name}</a></td></tr><tr><td><div class="toptext">{_body(title)}'
        '</div></td></tr></table><table class="comment-tree"></table>'
    )


FORUM = Engine(
    name="forum",
    home=_FORUM,
    profile_url=lambda name: f"{_FORUM}/submitted?id={name}",
    story_url=lambda name, place, title: f"{_FORUM}/item?id=3{ord(name[0])}{place}{len(title)}",
    frame=_forum_frame,
    profile=_forum_profile,
    story=_forum_story,
    gone=lambda: "No such user.",
    suspended=lambda: "<p>This account is banned.</p>",
    tools=lambda name: '<a href="/edit?id=1">edit</a>',
    gone_status=200,
)

ENGINES = {engine.name: engine for engine in (BLOG, NEWSLETTER, FEDERATED, FORUM)}
