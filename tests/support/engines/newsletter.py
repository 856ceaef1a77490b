"""A newsletter service, after Ghost's theme Casper (classes of body and posts, members' wall, RSS)."""

from saved_looks import Page

from engines.engine import OWN, SHOWN_OF_CUT, Ask, Engine, Entry, entries, name_of, paragraphs, rss

BANNERS = {
    "draft": "This draft can only be seen by you.",
    "private": "Only you and people you chose can see this post.",
    "future": "Scheduled: only you can see it until then.",
}


class Newsletter(Engine):
    """A hosted service of many writers."""

    name = "newsletter"
    home = "https://letters.example"
    sign_in_path = "/signin/"
    feed_path = "rss/"

    def story_of(self, handle: str, number: int) -> str:
        return f"{self.home}/{'' if handle == OWN else f'{handle}-'}story-{number}/"

    def profile_url(self, handle: str) -> str:
        return f"{self.home}/author/{handle}/"

    def _page(self, ask: Ask, title: str, body_class: str, main: str, *, url: str, status: int = 200) -> Page:
        canonical = f'<link rel="canonical" href="{url}" /><meta property="og:url" content="{url}" />'
        account = (
            f'<a class="gh-head-btn" href="#/portal/account" data-portal="account" data-name="{ask.viewer}">'
            f"Account</a>"
            if ask.viewer
            else '<a class="gh-head-link" href="#/portal/signin" data-portal="signin">Sign in</a>'
            '<a class="gh-head-btn" href="#/portal/signup" data-portal="signup">Subscribe</a>'
        )
        return Page(
            body=f'<!DOCTYPE html><html lang="en"><head><title>{title}</title><meta charset="utf-8" />'
            f"{canonical if url else ''}"
            f'<meta property="og:site_name" content="Letters" /><meta name="generator" content="Ghost" />'
            f'<link rel="alternate" type="application/rss+xml" title="Letters" href="{self.home}/rss/" />'
            f'<script defer src="https://cdn.jsdelivr.net/ghost/portal/umd/portal.min.js" '
            f'data-ghost="{self.home}/"></script></head><body class="{body_class}"><div class="viewport">'
            f'<header id="gh-head" class="gh-head outer"><a class="gh-head-logo" href="{self.home}">Letters'
            f'</a><div class="gh-head-actions">{account}</div></header>'
            f'<div class="site-content">{main}</div></div></body></html>',
            status=status,
        )

    def _card(self, ask: Ask, entry: Entry) -> str:
        kept = "" if entry.state == "publish" else f'<span class="post-card-state">{entry.state}</span>'
        return (
            f'<article class="post-card post tag-notes"><div class="post-card-content">'
            f'<a class="post-card-content-link" href="{self.story_of(ask.handle, entry.number)}"><header '
            f'class="post-card-header"><h2 class="post-card-title">Story {entry.number}</h2></header>'
            f'<div class="post-card-excerpt">{paragraphs(entry.number, 1)}</div></a><footer '
            f'class="post-card-meta">{kept}<time class="post-card-meta-date" datetime="{entry.at}">'
            f'{entry.at[:10]}</time><span class="post-card-meta-length">2 min read</span></footer></div>'
            f"</article>"
        )

    def look_profile(self, ask: Ask, which: str) -> Page:
        cards = "".join(self._card(ask, entry) for entry in entries(which))
        more = f'<a class="older-posts" href="{ask.visit.url}page/2/">Older Posts</a>'
        name = name_of(ask.handle)
        return self._page(
            ask,
            name,
            f"author-template author-{ask.handle}",
            f'<main id="site-main" class="site-main outer"><div class="inner posts"><header '
            f'class="post-card post-card-large"><h1 class="post-card-title">{name}</h1></header>'
            f'<div class="post-feed">{cards}</div>'
            f"{more if 'next' in which else ''}</div></main>",
            url=self.profile_url(ask.handle),
        )

    def look_story(self, ask: Ask, state: str) -> Page:
        """One post; `members` is what a visitor gets who may not read on."""
        number = ask.number
        banner = f'<div class="gh-{state}-banner">{BANNERS[state]}</div>' if state in BANNERS else ""
        shown = {"cut": SHOWN_OF_CUT, "members": 1}.get(state, 8)
        wall = (
            '<aside class="gh-post-upgrade-cta"><div class="gh-post-upgrade-cta-content"><h2>This post is '
            'for paying subscribers only</h2><a class="gh-btn" data-portal="signup" href="#/portal/signup">'
            "Subscribe now</a></div></aside>"
        )
        return self._page(
            ask,
            f"Story {number}",
            "post-template tag-notes",
            f'{banner}<main id="site-main" class="site-main"><article class="article post"><header '
            f'class="article-header gh-canvas"><h1 class="article-title">Story {number}</h1></header>'
            f'<section class="gh-content gh-canvas">{paragraphs(number, shown)}'
            f'<div class="kg-card kg-callout-card"><div class="kg-callout-text">A note on letter {number}.'
            f"</div></div>{wall if state == 'members' else ''}</section></article></main>",
            url=self.story_of(ask.handle, number),
        )

    def look_feed(self, ask: Ask, which: str) -> Page:
        return rss(
            ask,
            which,
            lambda number: self.story_of(ask.handle, number),
            "Ghost 5.80",
            self.profile_url(ask.handle),
        )

    def look_gone(self, ask: Ask, _: str) -> Page:
        return self._page(
            ask,
            "Page not found",
            "error-template",
            '<section class="outer error-content"><div class="inner"><section class="error-message">'
            '<h1 class="error-code">404</h1><p class="error-description">Page not found</p>'
            f'<a class="error-link" href="{self.home}">Go to the front page</a></section></div></section>',
            url="",
            status=404,
        )

    def look_front(self, ask: Ask, _: str) -> Page:
        cards = "".join(self._card(ask, entry) for entry in entries("21-25"))
        return self._page(
            ask, "Letters", "home-template", f'<div class="post-feed">{cards}</div>', url=f"{self.home}/"
        )

    def look_sign_in(self, ask: Ask, _: str) -> Page:
        form = (
            '<form class="gh-signin" data-members-form="signin"><input data-members-email type="email" />'
            "<button>Continue</button></form>"
        )
        return self._page(ask, "Sign in", "page-template signin-template", form, url="")

    def look_private_site(self, _ask: Ask, _: str) -> Page:
        """What Ghost puts before a site that its owner has made private; visitors are led to it."""
        return Page(
            body='<!DOCTYPE html><html><head><title>Private site</title><meta name="robots" '
            'content="noindex" /></head><body class="private-template"><form class="gh-signin" method="post">'
            "<h1>This site is private.</h1>"
            '<input class="gh-input" type="password" name="password" /></form></body></html>',
            final_url=f"{self.home}/private/?r=%2Fauthor%2Fjane%2F",
        )

    def look_suspended(self, ask: Ask, _: str) -> Page:
        words = (
            '<section class="error-message"><h1 class="error-code">410</h1><p class="error-description">This '
            "publication was suspended for breaking the terms of service.</p></section>"
        )
        return self._page(ask, "Suspended", "error-template", words, url="", status=410)

    def look_removed(self, ask: Ask, _: str) -> Page:
        words = (
            '<section class="error-message"><h1 class="error-code">410</h1><p class="error-description">Its '
            "writer has deleted this page.</p></section>"
        )
        return self._page(ask, "Deleted", "error-template", words, url="", status=410)
