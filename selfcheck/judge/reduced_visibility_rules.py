"""The rows of quiet suppression: strangers see the page, but less of it than they should.

All of them claim `limited`, none rests on what its owner chose, and none on what a live control bears too.
"""

from selfcheck.core.enums import PageKind, Verdict
from selfcheck.judge import list_omissions as absent
from selfcheck.judge import reduced_visibility as quiet
from selfcheck.judge.rule import PAGES, Layer, Rule

_STRANGERS = ("anonymous",)


_STATES: tuple[Rule, ...] = (
    Rule(
        id="page.flagged",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=PAGES,
        explicit=True,
        why=quiet.flagged,
        evidence="The page's own state says suspended or limited (Medium 2021).",
        looks_at="The page's embedded state, by the platform file's signs that mean `flagged`.",
        fooled_by="A platform that sets the same member on every account; a live control that bears it "
        "too clears it.",
        mind="The flag gone from the page's state, or the same flag on an account that all can see.",
    ),
    Rule(
        id="page.noindex",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=PAGES,
        explicit=True,
        why=quiet.noindex,
        evidence="Robots noindex that the platform sets (Medium 2021: flagged, limited).",
        looks_at="The robots meta elements and the X-Robots-Tag header that strangers get.",
        fooled_by="An owner's own choice that the page does not tell; unlisted, unpublished and private "
        "pages are excepted, and so is a platform that keeps live controls out as well.",
        mind="The directive gone, the story unlisted by its author, or a live control that bears it too.",
    ),
    Rule(
        id="story.blurred",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=(PageKind.STORY,),
        explicit=True,
        why=quiet.blurred,
        evidence="isLimitedState blurs the body for all but the author (Medium 2021).",
        looks_at="The sign of a blurred or cut body in strangers' view; the lengths of text support it.",
        fooled_by="A member wall that bears no mark.",
        mind="The whole story shown to strangers, or a member wall that explains it.",
    ),
    Rule(
        id="story.responses-hidden",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=(PageKind.STORY,),
        again=_STRANGERS,
        why=quiet.responses_hidden,
        evidence="Medium's own code of 2021 can hide responses from all but some visitors.",
        looks_at="The sign of hidden responses, in both views.",
        fooled_by="A page that loads responses for signed-in visitors only.",
        mind="The responses shown to strangers, or hidden from the author as well.",
    ),
    Rule(
        id="page.counts-hidden",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=(PageKind.PROFILE,),
        again=_STRANGERS,
        why=quiet.counts_hidden,
        evidence="The live control proves that strangers are told this number of other accounts.",
        looks_at="Numbers that the author is told and strangers are not, on the profile's page.",
        fooled_by="A layout that strangers of some accounts get, known by the same mark as the control's, "
        "and that shows the number elsewhere; numbers below ten are not compared.",
        mind="The number shown to strangers, or hidden of live controls too.",
    ),
    Rule(
        id="page.counts-collapsed",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=(PageKind.PROFILE, PageKind.PUBLICATION),
        again=_STRANGERS,
        why=quiet.counts_collapsed,
        evidence="Half or less is beyond rounding (1.2K: 8 %) and beyond a copy some hours old.",
        looks_at="Followers and subscribers, in both views at the same moment.",
        fooled_by="A number that means another thing to the author (followers with readers by mail).",
        mind="Strangers told about the same number as the author.",
    ),
)


mind = "One list for strangers that has the stories, or the author keeping them back."
_LISTS: tuple[Rule, ...] = (
    Rule(
        id="lists.stories-missing",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        again=_STRANGERS,
        kinds=(PageKind.PROFILE, PageKind.PUBLICATION),
        why=absent.list_lacks,
        evidence="Both look at the same list at the same moment.",
        looks_at="The stories of one list as the author and as strangers get it in the same layout; pinned, "
        "young, unlisted and unpublished ones and the end of the list are left out.",
        fooled_by="A list made differently for each visitor in the same order, twice.",
        mind=mind,
    ),
    Rule(
        id="feed.stories-missing",
        layer=Layer.CONTENT,
        claims=Verdict.LIMITED,
        kinds=(PageKind.FEED,),
        again=_STRANGERS,
        why=absent.feed_lacks,
        evidence="The feed goes on beyond a story that it lacks, has room for it, or is empty.",
        looks_at="The feed beside the author's own list: its limit of entries and the stories' age.",
        fooled_by="A feed kept for more than an hour, or one that leaves out a sort of story by design.",
        mind=mind,
    ),
    # Last, since it claims nothing and must not stand before a row that does.
    Rule(
        id="story.noindex-unexplained",
        layer=Layer.CONTENT,
        claims=Verdict.INCONCLUSIVE,
        kinds=(PageKind.STORY,),
        why=quiet.noindex_unexplained,
        evidence="Medium 2021 sets the same noindex for unlisted stories and for suppressed ones.",
        looks_at="As page.noindex, where no list names the story and the page tells no visibility.",
        fooled_by="Nothing: it claims nothing.",
        mind="The story in a public list, or its page saying that it is public or unlisted.",
    ),
)


QUIET: tuple[Rule, ...] = (*_STATES, *_LISTS)
