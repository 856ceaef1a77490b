"""A blog of several authors, after WordPress's core (template classes, `body_class`, `post_class`, feeds)."""

from saved_looks import Page

from engines.engine import OWN, SHOWN_OF_CUT, Ask, Engine, Entry, entries, iso, name_of, paragraphs, rss


class WordPress(Engine):
    """WordPress with one of its own themes."""

    name = "wordpress"
    home = "https://blog.example.org"
    sign_in_path = "/wp-login.php"
    feed_path = "feed/"

    def story_of(self, handle: str, number: int) -> str:
        if number == 0:
            return f"{self.home}/hello-world/"
        return f"{self.home}/{'' if handle == OWN else f'{handle}-'}story-{number}/"

    def profile_url(self, handle: str) -> str:
        return f"{self.home}/author/{handle}/"

    def _page(
        self, ask: Ask, title: str, classes: str, main: str, *, head: str = "", status: int = 200
    ) -> Page:
        bar = (
            f'<div id="wpadminbar" class="nojq"><ul><li id="wp-admin-bar-my-account">Howdy, '
            f'<span class="display-name">{name_of(ask.viewer)}</span></li><li id="wp-admin-bar-user-info">'
            f"<span class='display-name'>{name_of(ask.viewer)}</span><span class='username'>{ask.viewer}"
            f'</span></li><li id="wp-admin-bar-logout"><a class="ab-item" '
            f'href="{self.home}/wp-login.php?action=logout&amp;_wpnonce=1">Log Out</a></li></ul></div>'
        )
        own = " logged-in admin-bar" if ask.viewer else ""
        return Page(
            body=f'<!DOCTYPE html><html lang="en-US"><head><meta charset="UTF-8">'
            f"<title>{title} &#8211; My Blog</title><meta name='robots' content='max-image-preview:large' />"
            f'<link rel="alternate" type="application/rss+xml" title="My Blog &raquo; Feed" '
            f'href="{self.home}/feed/" />{head}<meta name="generator" content="WordPress 6.5" /></head>'
            f'<body class="{classes} wp-embed-responsive{own}">{bar if ask.viewer else ""}'
            f'<header class="site-header"><p class="site-title"><a href="{self.home}/" rel="home">My Blog</a>'
            f'</p></header><main id="main" class="site-main">{main}</main>'
            f'<footer class="site-footer">Proudly powered by WordPress</footer></body></html>',
            status=status,
        )

    def _article(self, ask: Ask, entry: Entry, body: str, *, heading: str = "h2") -> str:
        link = f'<a href="{self.story_of(ask.handle, entry.number)}" rel="bookmark">Story {entry.number}</a>'
        return (
            f'<article id="post-{entry.number}" class="post-{entry.number} post type-post '
            f'status-{entry.state} format-standard hentry category-notes">'
            f'<header class="entry-header"><{heading} class="entry-title">'
            f"{link if heading == 'h2' else f'Story {entry.number}'}</{heading}></header>"
            f'<div class="entry-content">{body}</div><footer class="entry-footer"><span class="posted-on">'
            f'<time class="entry-date published" datetime="{entry.at}">{entry.at[:10]}</time></span>'
            f'<span class="byline">by <a class="url fn n" href="{self.profile_url(ask.handle)}">'
            f"{name_of(ask.handle)}</a></span></footer></article>"
        )

    def look_profile(self, ask: Ask, which: str) -> Page:
        """The archive of an author's posts; `next` says that it has a second page."""
        listed = "".join(self._article(ask, entry, paragraphs(entry.number, 1)) for entry in entries(which))
        more = (
            f'<nav class="navigation pagination"><div class="nav-links"><a class="next page-numbers" '
            f'href="{ask.visit.url}page/2/">Older posts</a></div></nav>'
        )
        nothing = '<section class="no-results not-found"><h1 class="page-title">Nothing here</h1></section>'
        name = name_of(ask.handle)
        return self._page(
            ask,
            name,
            f"archive author author-{ask.handle} author-2",
            f'<header class="page-header"><h1 class="page-title">Author: <span>{name}</span></h1></header>'
            f"{listed or nothing}{more if 'next' in which else ''}",
        )

    def look_story(self, ask: Ask, state: str) -> Page:
        """One post. `draft`, `private` and `future` are served to their author alone, by WordPress itself."""
        number = ask.number
        known = state in {"draft", "private", "future"}
        body = paragraphs(number, SHOWN_OF_CUT if state == "cut" else 8)
        title, classes, head = f"Story {number}", "", self._head_of_story(ask, number)
        if state == "password":
            title, body = f"Protected: Story {number}", self._password_form(number)
        if state == "excerpt":  # what plugins for members leave for others
            body = paragraphs(number, 1) + '<p class="read-more">The rest is for members.</p>'
        if state == "draft":
            head = ""
        main = self._article(
            ask, Entry(number=number, state=state if known else "publish"), body, heading="h1"
        ) + (
            f'<div id="comments" class="comments-area"><h2 class="comments-title">{number} thoughts on '
            f"&ldquo;Story {number}&rdquo;</h2></div>"
        )
        classes = f"wp-singular post-template-default single single-post postid-{number}"
        return self._page(ask, title, f"{classes} single-format-standard", main, head=head)

    def _head_of_story(self, ask: Ask, number: int) -> str:
        return (
            f'<link rel="canonical" href="{self.story_of(ask.handle, number)}" />'
            f"<link rel='shortlink' href='{self.home}/?p={number}' />"
            f'<meta property="article:published_time" content="{iso(number)}" />'
        )

    def _password_form(self, number: int) -> str:
        return (
            f'<form action="{self.home}/wp-login.php?action=postpass" class="post-password-form" '
            f'method="post"><p>This content is password protected. To view it please enter your password '
            f'below:</p><p><label for="pwbox-{number}">Password: <input name="post_password" '
            f'id="pwbox-{number}" type="password" size="20" /></label></p></form>'
        )

    def look_feed(self, ask: Ask, which: str) -> Page:
        return rss(
            ask,
            which,
            lambda number: self.story_of(ask.handle, number),
            "https://wordpress.org/?v=6.5",
            self.profile_url(ask.handle),
        )

    def look_gone(self, ask: Ask, _: str) -> Page:
        return self._page(
            ask,
            "Page not found",
            "error404",
            '<section class="error-404 not-found"><h1 class="page-title">Nothing here</h1><p>It looks like '
            "nothing was found at this location. Maybe try a search?</p>"
            f'<form role="search" action="{self.home}/"><input type="search" name="s" /></form></section>',
            status=404,
        )

    def look_front(self, ask: Ask, _: str) -> Page:
        theirs = "".join(self._article(ask, entry, paragraphs(entry.number, 1)) for entry in entries("21-25"))
        return self._page(ask, "Home", "home blog", theirs.replace(ask.handle, "editor"))

    def look_sign_in(self, _ask: Ask, _: str) -> Page:
        return Page(
            body="<!DOCTYPE html><html><head><title>Log In &lsaquo; My Blog &#8212; WordPress</title></head>"
            '<body class="login no-js login-action-login wp-core-ui"><div id="login"><form name="loginform" '
            'id="loginform" action="/wp-login.php" method="post"><label for="user_login">Username</label>'
            '<input type="text" name="log" /><input type="password" name="pwd" /></form></div></body></html>'
        )

    def _died(self, words: str) -> Page:
        return Page(
            body="<!DOCTYPE html><html><head><title>WordPress &rsaquo; Error</title></head>"
            f'<body id="error-page"><div class="wp-die-message">{words}</div></body></html>',
            status=410,
        )

    def look_suspended(self, _ask: Ask, _: str) -> Page:
        return self._died("This site has been archived or suspended.")

    def look_removed(self, _ask: Ask, _: str) -> Page:
        return self._died("This site is no longer available.")

    def look_host_suspended(self, _ask: Ask, _: str) -> Page:
        """What hosting companies put before a whole site; visitors are led to it."""
        return Page(
            body="<!DOCTYPE html><html><head><title>Account Suspended</title></head><body><h1>Account "
            "Suspended</h1><p>This Account has been suspended. Contact your hosting provider for more "
            "information.</p></body></html>",
            final_url=f"{self.home}/cgi-sys/suspendedpage.cgi",
        )
