"""A federated blog engine, after WriteFreely's templates (collection, post, password, silenced, 404, 410)."""

from saved_looks import Page

from engines.engine import SHOWN_OF_CUT, Ask, Engine, Entry, entries, iso, name_of, paragraphs, rss

SILENCED = (
    '<div class="alert info"><p><strong>Your account has been silenced.</strong> You can still access all of '
    "your posts and blogs, but no one else can currently see them.</p></div>"
)


class WriteFreely(Engine):
    """One instance with many blogs; only its owner is known as signed in on a blog."""

    name = "writefreely"
    home = "https://quill.example"
    sign_in_path = "/login"
    feed_path = "feed/"

    def story_of(self, handle: str, number: int) -> str:
        return f"{self.home}/{handle}/story-{number}"

    def profile_url(self, handle: str) -> str:
        return f"{self.home}/{handle}/"

    def _page(self, title: str, body_id: str, main: str, *, head: str = "", status: int = 200) -> Page:
        return Page(
            body=f'<!DOCTYPE HTML><html lang="en" dir="auto"><head><meta charset="utf-8"><title>{title}'
            f'</title><link rel="stylesheet" type="text/css" href="/css/write.css" />{head}</head>'
            f'<body id="{body_id}">{main}<footer><hr /><nav dir="ltr"><a class="home pubd" href="/">Quill</a>'
            f' &middot; powered by <a href="https://writefreely.org">writefreely</a></nav></footer>'
            f"</body></html>",
            status=status,
        )

    def _head(self, url: str, handle: str, *, feed: bool = True) -> str:
        alternate = (
            f'<link rel="alternate" type="application/rss+xml" title="{name_of(handle)} &raquo; Feed" '
            f'href="{self.profile_url(handle)}feed/" />'
        )
        return (
            f'<link rel="canonical" href="{url}"><meta name="generator" content="WriteFreely">'
            f'<meta property="og:url" content="{url}" />{alternate if feed else ""}'
        )

    def _entry(self, ask: Ask, entry: Entry) -> str:
        badge = '<p class="badge">Scheduled</p>' if entry.state == "future" else ""
        edit = f'<a class="user hidden action" href="/{ask.handle}/story-{entry.number}/edit">edit</a>'
        return (
            f'<article id="post-x{entry.number}" class="norm h-entry" itemscope>{badge}'
            f'<h2 class="post-title" itemprop="name"><a href="/{ask.handle}/story-{entry.number}" '
            f'itemprop="url" class="u-url">Story {entry.number}</a>{edit if ask.is_author else ""}</h2>'
            f'<time class="dt-published" datetime="{entry.at}" pubdate>{entry.at[:10]}</time>'
            f'<div dir="auto" class="book e-content">{paragraphs(entry.number, 1)}</div></article>'
        )

    def look_profile(self, ask: Ask, which: str, *, notice: str = "", feed: bool = True) -> Page:
        manage = (
            f'<nav id="manage"><ul><li><a onclick="void(0)">&#9776; Menu</a><ul><li><a '
            f'href="/me/c/{ask.handle}">Customize</a></li><li><a href="/me/c/{ask.handle}/stats">Stats</a>'
            f"</li></ul></li></ul></nav>"
        )
        more = (
            f'<nav id="paging" class="content-container clearfix"><a href="/{ask.handle}/page/2">Older</a>'
            f"</nav>"
        )
        head = self._head(self.profile_url(ask.handle), ask.handle, feed=feed)
        if "next" in which:
            head += f'<link rel="next" href="{self.profile_url(ask.handle)}page/2">'
        return self._page(
            f"{name_of(ask.handle)} &mdash; Quill",
            "collection",
            f'{manage if ask.is_author else ""}{notice if ask.is_author else ""}<header><h1 dir="auto" '
            f'id="blog-title"><a href="/{ask.handle}/" class="h-card p-author u-url" rel="me author">'
            f'{name_of(ask.handle)}</a></h1></header><section id="wrapper" itemscope>'
            f"{''.join(self._entry(ask, entry) for entry in entries(which))}"
            f"{more if 'next' in which else ''}</section>",
            head=head,
        )

    def look_silenced(self, ask: Ask, which: str) -> Page:
        """The blog of a silenced account, as its owner gets it."""
        return self.look_profile(ask, which, notice=SILENCED)

    def look_private(self, ask: Ask, which: str) -> Page:
        """A blog that its owner made private, as its owner gets it: it offers no feed."""
        return self.look_profile(ask, which, feed=False)

    def look_password(self, ask: Ask, _: str) -> Page:
        return self._page(
            f"{name_of(ask.handle)} &mdash; Quill",
            "collection",
            f'<header><h1 dir="auto" id="blog-title"><a href="/{ask.handle}/" class="h-card p-author u-url">'
            f'{name_of(ask.handle)}</a></h1></header><div id="wrapper"><div class="access"><form '
            f'method="post" action="/api/auth/read"><h2>This blog requires a password.</h2><input '
            f'type="hidden" name="alias" value="{ask.handle}" /><input type="password" name="password" />'
            f"</form></div></div>",
            head=self._head(self.profile_url(ask.handle), ask.handle, feed=False),
            status=401 if ask.visit.kind.value == "feed" else 200,
        )

    def look_story(self, ask: Ask, state: str) -> Page:
        number = ask.number
        badge = '<p class="badge">Scheduled</p>' if state == "future" else ""
        owner = (
            f'<span class="views" dir="ltr"><strong>12</strong> views</span><a class="xtra-feature" '
            f'href="/{ask.handle}/story-{number}/edit">Edit</a>'
        )
        return self._page(
            f"Story {number} &mdash; {name_of(ask.handle)}",
            "post",
            f'<header><h1 dir="auto" id="blog-title"><a rel="author" href="/{ask.handle}/" '
            f'class="h-card p-author">{name_of(ask.handle)}</a></h1><nav>{owner if ask.is_author else ""}'
            f'</nav></header><article id="post-body" class="norm h-entry">{badge}<h2 id="title" '
            f'class="p-name">Story {number}</h2><div class="e-content">'
            f"{paragraphs(number, SHOWN_OF_CUT if state == 'cut' else 8)}</div></article>",
            head=self._head(self.story_of(ask.handle, number), ask.handle)
            + f'<meta property="article:published_time" content="{iso(number)}">',
        )

    def look_feed(self, ask: Ask, which: str) -> Page:
        return rss(
            ask,
            which,
            lambda number: self.story_of(ask.handle, number),
            "WriteFreely",
            self.profile_url(ask.handle),
        )

    def look_gone(self, _ask: Ask, _: str) -> Page:
        return self._page(
            "Page not found &mdash; Quill",
            "error",
            '<div class="error-page"><p class="msg">This page is missing.</p><p>Are you sure it was ever '
            "here?</p></div>",
            status=404,
        )

    def look_front(self, _ask: Ask, _: str) -> Page:
        return self._page(
            "Quill", "home", '<div id="banner"><h1>Write here</h1><a href="/login">Log in</a></div>'
        )

    def look_sign_in(self, _ask: Ask, _: str) -> Page:
        return self._page(
            "Log in &mdash; Quill",
            "login",
            '<div class="tight content-container"><h1>Log in to Quill</h1><form action="/auth/login" '
            'method="post"><input name="alias" /><input type="password" name="pass" /></form></div>',
        )

    def look_suspended(self, _ask: Ask, _: str) -> Page:
        """What federated sites say of an account that their moderators suspended (Mastodon: 410)."""
        return self._page(
            "Gone &mdash; Quill",
            "error",
            '<div class="error-page"><p class="msg">The moderators suspended this account.</p></div>',
            status=410,
        )

    def look_removed(self, _ask: Ask, _: str) -> Page:
        return self._page(
            "Unpublished &mdash; Quill",
            "error",
            '<div class="error-page"><p class="msg">This blog was unpublished.</p></div>',
            status=410,
        )
