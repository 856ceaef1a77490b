"""The headline of a page and of a profile, made from what the looks received and not from the verdict alone.

Laws:
1. A headline stands above both pictures, so it says nothing that one of them contradicts: “visible to
   everybody” only above a page that is shown whole, “told that it is suspended” only above those words.
2. What the owner did (a draft, a private or a member page, a deletion) reads as the owner's doing.
3. The author is only said to see a page where their own look was shown it, signed in.
4. What one further account was shown is told as that account's, and not as everybody's.
"""

from selfcheck.core.enums import ANONYMOUS, AUTHOR, BAD, Outcome, PageKind, SignKind, Strength, Verdict
from selfcheck.core.labels import KIND_WORD, LED_TO_PHRASE
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import PageVerdict, ProfileVerdict

TOLD = {
    Outcome.SUSPENDED: "is suspended",
    Outcome.NOT_FOUND: "does not exist",
    Outcome.REMOVED: "was deleted by its owner",
}
"""What visitors are told in so many words, after “told that it”."""

GONE = frozenset({Outcome.NOT_FOUND, Outcome.REMOVED})

OWNERS_WORDS = {
    SignKind.UNPUBLISHED: "not published yet",
    SignKind.PRIVATE: "private",
    SignKind.MEMBERS_ONLY: "for members only",
    SignKind.UNLISTED: "unlisted",
}
"""How a page is kept back by its owner, in words."""

_BY_READER = "reader."  # begins the ids of rules that rest on what an account of `readers` was shown
_ACCOUNT = "an account that is signed in"
_CUT = 0.5  # of the author's text: less of it is not called whole
_LEAST_TEXT = 1000  # characters of the author's view from which two lengths are compared at all
_FOUND = {PageKind.STORY: "one of your stories", PageKind.PUBLICATION: "your publication"}


def main_page(profile: ProfileVerdict) -> PageVerdict | None:
    """Return the page that tells most of the profile's verdict: the deciding one, else the worst."""
    first = profile.firings[:1]
    deciding = [page for page in profile.pages if page.verdict in BAD and page.firings[:1] == first]
    same = [page for page in profile.pages if page.verdict is profile.verdict]
    if profile.verdict not in BAD:
        return next(iter((*same, *profile.pages)), None)
    worst_first = sorted(profile.pages, key=lambda page: page.verdict.rank)
    return next(iter((*deciding, *same, *worst_first)), None)


def by_reader(page: PageVerdict) -> bool:
    """Return whether the verdict rests on what a further account, of `readers`, was shown of the page."""
    return any(rule.startswith(_BY_READER) for rule in page.rules[:1])


def owners_words(page: PageVerdict) -> str:
    """Return in what way its owner keeps the page from the public; "" where nothing says so."""
    meanings = {sign.meaning for look in page.views.values() for sign in look.signs}
    return next((words for meaning, words in OWNERS_WORDS.items() if meaning in meanings), "")


def shown_whole(page: PageVerdict) -> bool:
    """Return whether the public was shown the page, and nothing says that a part of it was kept back."""
    public, author = page.views.get(ANONYMOUS), page.views.get(AUTHOR)
    if public is None or public.outcome is not Outcome.SHOWN:
        return False
    kept = (SignKind.MEMBERS_ONLY, SignKind.EXCERPT, SignKind.BLURRED, SignKind.PRIVATE)
    if any(map(public.means, kept)):
        return False
    return page.verdict is Verdict.VISIBLE and not _cut(public, author)


def _cut(public: Observation, author: Observation | None) -> bool:
    if author is None or author.outcome is not Outcome.SHOWN or not public.text_length:
        return False
    if public.body and author.body:
        return False  # the texts themselves were compared, by a rule that says what came of it
    return author.text_length >= _LEAST_TEXT and public.text_length <= _CUT * author.text_length


def author_told(page: PageVerdict) -> bool:
    """Return whether the author's own look of this page has a notice of suspension."""
    author = page.views.get(AUTHOR)
    return author is not None and (
        author.outcome is Outcome.SUSPENDED or author.means(SignKind.TOLD_SUSPENDED) is not None
    )


# -- one page, for somebody who knows nothing of the case ------------------------------------------------


def picture_headline(page: PageVerdict) -> str:
    """Return what a picture says above both views: the platform may get it, so no second account is named."""
    return _capital(visitors_get(page)) if by_reader(page) else page_headline(page)


def page_headline(page: PageVerdict, what: str = "") -> str:
    """Return the headline of a page; `what` stands for it in a sentence, such as `this story`."""
    what = what or f"this {KIND_WORD[page.kind]}"
    if page.kind is PageKind.STATS:
        opened = "Only the author can open this page; it opened"
        unknown = "It is not known whether the stats page opens for its author"
        return opened if page.verdict is Verdict.VISIBLE else unknown
    if page.verdict is Verdict.INCONCLUSIVE:
        return f"It is not known whether logged-out visitors see {what}"
    if page.verdict is Verdict.VISIBLE:
        return _capital(_visible(page, what))
    if page.verdict is Verdict.LIMITED:
        less = f"logged-out visitors see less of {what} than they should"
        return _capital(f"{what} is limited: {page.limit}" if page.limit else less)
    if page.verdict is Verdict.SUSPENDED and _public(page) not in {Outcome.SUSPENDED, Outcome.CHALLENGE}:
        return _capital(_suspended_elsewhere(page, what))
    return f"{_told(page, what)}{_beside(page)}"


def _public(page: PageVerdict) -> Outcome | None:
    look = page.views.get(ANONYMOUS)
    return look.outcome if look else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _told(page: PageVerdict, what: str) -> str:
    look = page.views.get(ANONYMOUS)
    if by_reader(page):
        said = TOLD[Outcome.SUSPENDED if page.verdict is Verdict.SUSPENDED else Outcome.NOT_FOUND]
        return _capital(f"{_ACCOUNT} is told that {what} {said}; {visitors_get(page)}")
    if look is not None and look.led_to is not None and look.outcome is Outcome.UNRECOGNISED:
        return f"Logged-out visitors who open {what} are led to {LED_TO_PHRASE[look.led_to]}"
    if _public(page) is Outcome.SHOWN:  # only what it lists is hidden
        return f"Logged-out visitors see {what}, but none of its stories"
    words = TOLD.get(_public(page) or Outcome.UNRECOGNISED)
    if words is None and _public(page) is Outcome.CHALLENGE:  # so the verdict is what programs were told
        said = TOLD[Outcome.SUSPENDED if page.verdict is Verdict.SUSPENDED else Outcome.REMOVED]
        return f"Programs are told that {what} {said}; {visitors_get(page)}"
    return f"Logged-out visitors are told that {what} {words}" if words else f"The public does not get {what}"


def _beside(page: PageVerdict) -> str:
    """Return what the author is shown beside what the public is told."""
    author = page.views.get(AUTHOR)
    # Without a working view of the author's it is not known whether it is silent; `hidden` always has one.
    unknown = page.silent is None and page.verdict is not Verdict.HIDDEN
    if author is None or author.shows_logged_out or unknown:
        return ""
    if author.outcome is Outcome.SHOWN:
        seen = "them" if _public(page) is Outcome.SHOWN else "it"
        told = author_told(page) or page.silent is False  # on this page, or on those that it lists
        return "; its author is told so too" if told else f"; its author still sees {seen}"
    if author.outcome is _public(page):
        return "; its author is told the same"
    words = TOLD.get(author.outcome)
    return f"; its author is told that it {words}" if words else ""


def _suspended_elsewhere(page: PageVerdict, what: str) -> str:
    who = f"{_ACCOUNT} is told" if by_reader(page) else "another page of the platform says"
    who = "its author is told" if author_told(page) else who
    return f"{who} that {what} is suspended; {visitors_get(page)}"


def visitors_get(page: PageVerdict) -> str:
    """Return what logged-out visitors get instead of the page, as a part of a sentence."""
    look = page.views.get(ANONYMOUS)
    if look is not None and look.led_to is not None and look.outcome is Outcome.UNRECOGNISED:
        return f"logged-out visitors are led to {LED_TO_PHRASE[look.led_to]}"
    if _public(page) is Outcome.CHALLENGE:
        return "a bot wall stood before the page itself"
    if _public(page) is Outcome.LOGIN_WALL:
        return "logged-out visitors are asked to sign in"
    words = TOLD.get(_public(page) or Outcome.UNRECOGNISED)
    told = f"are told that it {words}" if words else "get a page that selfcheck does not recognise"
    return f"logged-out visitors {told}"


def _visible(page: PageVerdict, what: str) -> str:
    public = page.views.get(ANONYMOUS)
    if public is None or public.outcome is not Outcome.SHOWN:
        only = "; only its author sees it" if _author_shown(page) and _public(page) in GONE else ""
        kept = f"{what} is {owners_words(page) or 'kept back'}, as its owner chose{only}"
        return f"{_ACCOUNT} is shown {what}; {visitors_get(page)}" if by_reader(page) else kept
    if public.means(SignKind.MEMBERS_ONLY):
        return f"{what} is for members only, as its owner chose; logged-out visitors may see a part of it"
    if public.means(SignKind.PRIVATE):  # such as a page that asks for its owner's password
        return f"{what} is private, as its owner chose; logged-out visitors may see a part of it"
    if public.means(SignKind.UNLISTED):
        return f"{what} is visible to everybody who has its address: its owner unlisted it"
    search = "; search engines are told to leave it out" if public.noindex else ""
    if shown_whole(page) and page.strength is Strength.CONFIRMED:
        return f"{what} is visible to everybody{search}"
    less = ", with its text blurred or cut" if public.means(SignKind.BLURRED) else ""
    if _cut(public, page.views.get(AUTHOR)):
        less = less or ", with much less text than its author"
    return f"logged-out visitors see {what}{less}{search}"


def _author_shown(page: PageVerdict) -> bool:
    author = page.views.get(AUTHOR)
    return author is not None and author.outcome is Outcome.SHOWN and author.signed_in is not False


# -- a profile, for its author ---------------------------------------------------------------------------


def profile_headline(profile: ProfileVerdict) -> str:
    """Return the verdict as a headline for the author, with whether they were told."""
    page = main_page(profile)
    if profile.verdict is Verdict.INCONCLUSIVE or page is None:
        return "Could not tell this time"
    if profile.verdict is Verdict.VISIBLE:
        return _yours(page)
    if profile.verdict is Verdict.MISSING:
        return _missing(page)
    return f"{_verdict(profile.verdict, page)}{_silence(page, silent=profile.silent)}"


def _yours(page: PageVerdict) -> str:
    if shown_whole(page):
        confirmed = page.strength is Strength.CONFIRMED
        return "Visible to everybody" if confirmed else "Visible to logged-out visitors"
    if _public(page) is Outcome.SHOWN:
        return "Visible to logged-out visitors, but not all of it"
    if by_reader(page):
        return f"Visible to {_ACCOUNT}; {visitors_get(page)}"
    return f"Not public: {owners_words(page) or 'kept back'}, as its owner chose"


def _verdict(verdict: Verdict, page: PageVerdict) -> str:
    if verdict is Verdict.LIMITED:
        return _limited(page)
    if verdict is Verdict.HIDDEN and _public(page) is Outcome.SHOWN:
        return "Hidden: logged-out visitors see your profile page, but none of its stories"
    if by_reader(page):
        hidden = verdict is Verdict.HIDDEN
        word = f"Hidden from {_ACCOUNT}" if hidden else f"Suspended, as {_ACCOUNT} is told"
        return f"{word} ({visitors_get(page)})"
    word = "Hidden from everybody but you" if verdict is Verdict.HIDDEN else "Suspended"
    usual = Outcome.NOT_FOUND if verdict is Verdict.HIDDEN else Outcome.SUSPENDED
    return word if _public(page) is usual else f"{word} ({visitors_get(page)})"


def _limited(page: PageVerdict) -> str:
    what = _FOUND.get(page.kind, f"your {KIND_WORD[page.kind]}")
    if page.verdict is Verdict.LIMITED:
        place = "" if page.kind is PageKind.PROFILE else f", in {what}"
        return f"Limited{place}: {page.limit or 'logged-out visitors see less than they should'}"
    if page.verdict is Verdict.SUSPENDED and _public(page) is not Outcome.SUSPENDED:
        return f"Limited: {_suspended_elsewhere(page, what)}"
    told = _told(page, what)
    return f"Limited: {told[:1].lower()}{told[1:]}"


def _silence(page: PageVerdict, *, silent: bool | None) -> str:
    """Return whether the author was told, as the end of a headline that has not said it yet."""
    if silent is True:
        return ", and you were not told"
    author = page.views.get(AUTHOR)
    if silent is False and author is not None:
        if author.outcome in GONE:
            return "; you do not find it either"
        if page.verdict is Verdict.HIDDEN and _public(page) is Outcome.SHOWN:  # only what it lists is hidden
            return "; your own pages of them say so"
        return "" if page.verdict is Verdict.LIMITED else "; your own page says so"
    account = page.verdict is Verdict.SUSPENDED and page.kind is PageKind.PROFILE
    return "; whether your own page says so is not known" if account else ""


def _missing(page: PageVerdict) -> str:
    author = page.views.get(AUTHOR)
    outcomes = {_public(page), author.outcome if author else None}
    if Outcome.REMOVED in outcomes:
        return "Missing: the page says that its owner deleted it"
    if author is not None and author.outcome in GONE:
        others = "another account that is signed in finds" if by_reader(page) else "logged-out visitors find"
        return f"Missing: neither you nor {others} it"
    return "Missing: logged-out visitors do not find it; what you would see is not known"
