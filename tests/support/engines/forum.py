"""A forum of links, after Hacker News: tables, addresses by query, bare sentences with status 200, dead.

The page of a profile is the list of what somebody submitted. A dead post is shown to its author as any other,
and to the public not at all.
"""

from saved_looks import Page

from engines.engine import OWN, SHOWN_OF_CUT, Ask, Engine, Entry, entries, paragraphs

OWNERS = {OWN: 1, "zoe": 3}
"""With which digit the numbers of an account's posts begin; 2: those of any other."""


class Forum(Engine):
    """One forum."""

    name = "forum"
    home = "https://links.example"
    sign_in_path = "/login"

    def story_of(self, handle: str, number: int) -> str:
        return f"{self.home}/item?id={self._id(handle, number)}"

    def _id(self, handle: str, number: int) -> str:
        return f"{OWNERS.get(handle, 2)}00{number}"

    def profile_url(self, handle: str) -> str:
        return f"{self.home}/submitted?id={handle}"

    def _page(self, ask: Ask, title: str, op: str, rows: str) -> Page:
        me = (
            f'<a id="me" href="user?id={ask.viewer}">{ask.viewer}</a> (12) | <a id="logout" '
            f'href="logout?auth=x">logout</a>'
            if ask.viewer
            else '<a href="login?goto=submitted">login</a>'
        )
        return Page(
            body=f'<html lang="en" op="{op}"><head><meta name="referrer" content="origin"><link '
            f'rel="stylesheet" type="text/css" href="news.css"><title>{title} | Links</title></head><body>'
            f'<center><table id="hnmain" border="0" width="85%"><tr><td><table border="0" width="100%"><tr>'
            f'<td><span class="pagetop"><b class="hnname"><a href="news">Links</a></b> <a href="newest">new'
            f'</a> | <a href="newcomments">comments</a> | <a href="submit">submit</a></span></td><td><span '
            f'class="pagetop">{me}</span></td></tr></table></td></tr><tr><td>{rows}</td></tr></table>'
            f"</center></body></html>"
        )

    def _row(self, ask: Ask, entry: Entry, place: int) -> str:
        number = entry.number
        own_id = self._id(ask.handle, number)
        item = f"item?id={own_id}"
        return (
            f'<tr class="athing submission" id="{own_id}"><td class="title"><span class="rank">{place}.'
            f'</span></td><td class="title"><span class="titleline"><a '
            f'href="https://elsewhere.example/{number}">Story {entry.number}</a></span></td></tr><tr><td '
            f'colspan="2"></td><td class="subtext"><span class="score">{entry.number} points</span> by <a '
            f'href="user?id={ask.handle}" class="hnuser">{ask.handle}</a> <span class="age" '
            f'title="{entry.at}"><a href="{item}">{entry.number} days ago</a></span> | <a href="{item}">'
            f"discuss</a></td></tr>"
        )

    def look_profile(self, ask: Ask, which: str) -> Page:
        rows = "".join(self._row(ask, entry, place) for place, entry in enumerate(entries(which), start=1))
        more = f'<tr><td><a class="morelink" rel="next" href="{ask.visit.url}&p=2">More</a></td></tr>'
        return self._page(
            ask,
            f"{ask.handle}&#x27;s submissions",
            "submitted",
            f'<table class="itemlist" border="0">{rows}{more if "next" in which else ""}</table>',
        )

    def look_story(self, ask: Ask, state: str) -> Page:
        text = paragraphs(ask.number, SHOWN_OF_CUT if state == "cut" else 8)
        flag = f" [{state}] " if state in {"flagged", "dead"} else ""
        return self._page(
            ask,
            f"Story {ask.number}",
            "item",
            f'<table class="fatitem"><tr class="athing" id="{self._id(ask.handle, ask.number)}"><td '
            f'class="title"><span class="titleline">{flag}<a href="https://elsewhere.example/{ask.number}">'
            f'Story {ask.number}</a></span></td></tr><tr><td class="subtext">by <a '
            f'href="user?id={ask.handle}" class="hnuser">{ask.handle}</a></td></tr><tr><td><div '
            f'class="toptext">{text}</div></td></tr></table><table class="comment-tree"></table>',
        )

    def look_dead(self, ask: Ask, _: str) -> Page:
        """Return a dead post as people with the setting "showdead" get it; only they are signed in."""
        return self.look_story(ask, "dead")

    def look_gone(self, ask: Ask, _: str) -> Page:
        words = "No such item." if ask.visit.kind.value == "story" else "No such user."
        return Page(body=f"<html><head></head><body>{words}</body></html>")

    def look_front(self, ask: Ask, _: str) -> Page:
        rows = "".join(self._row(ask, entry, place) for place, entry in enumerate(entries("5-9"), start=1))
        return self._page(
            ask, "Links", "news", f'<table class="itemlist">{rows}</table>'.replace(ask.handle, "bo")
        )

    def look_sign_in(self, _ask: Ask, _: str) -> Page:
        return Page(
            body='<html><head></head><body><b>Login</b><form action="login" method="post">username: <input '
            'type="text" name="acct">password: <input type="password" name="pw"></form><b>Create Account</b>'
            "</body></html>"
        )

    def look_suspended(self, ask: Ask, _: str) -> Page:
        return self._page(
            ask,
            "Banned",
            "user",
            "<table><tr><td>This account was banned by the moderators.</td></tr></table>",
        )

    def look_removed(self, ask: Ask, _: str) -> Page:
        return self._page(
            ask, "Deleted", "user", "<table><tr><td>The user has deleted this account.</td></tr></table>"
        )

    def look_sorry(self, _ask: Ask, _: str) -> Page:
        """What the forum answers who asks too quickly."""
        return Page(
            body="<html><body>Sorry, we're not able to serve your requests this quickly.</body></html>",
            status=503,
        )
