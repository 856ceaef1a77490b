"""The rows that are told beside a verdict and decide nothing."""

from selfcheck.core.enums import PageKind, Verdict
from selfcheck.judge import reduced_visibility as quiet
from selfcheck.judge import support
from selfcheck.judge.rule import PAGES, Layer, Rule, Why


def _row(
    rule: str,
    kinds: tuple[PageKind, ...],
    why: Why,
    *,
    evidence: str,
    looks_at: str,
    fooled_by: str,
    mind: str,
) -> Rule:
    return Rule(
        id=rule,
        layer=Layer.SUPPORT,
        claims=Verdict.INCONCLUSIVE,
        kinds=kinds,
        why=why,
        evidence=evidence,
        looks_at=looks_at,
        fooled_by=fooled_by,
        mind=mind,
    )


SUPPORT: tuple[Rule, ...] = (
    _row(
        "stats.zero-day",
        (PageKind.STATS,),
        support.views_zero_day,
        evidence="Negative binomial views: below 1 chance in 1000; under some 27 views a day never.",
        looks_at="Whole days of views on the author's stats page, and those that earlier runs read.",
        fooled_by="Statistics that come in late, or an author whose readers come on few days.",
        mind="A view on that day, once the statistics are complete.",
    ),
    _row(
        "stats.zero-today",
        (PageKind.STATS,),
        support.views_zero_today,
        evidence="As stats.zero-day, for the part of the platform's day that is gone less its first quarter.",
        looks_at="Today's views on the author's stats page, and the hours gone of the platform's day.",
        fooled_by="Statistics that lag behind, or a day that begins at another hour than stated.",
        mind="One view today.",
    ),
    _row(
        "stats.views-fell",
        (PageKind.STATS,),
        support.views_fell,
        evidence="A one-sided CUSUM on daily views: at most one false alarm in ten years (simulated).",
        looks_at="The last 90 whole days of views, against the four weeks that open them.",
        fooled_by="A season, or an author who stopped publishing.",
        mind="Views that come back.",
    ),
    _row(
        "followers.dropped",
        (PageKind.PROFILE,),
        support.followers_dropped,
        evidence="Six times the noise of the past changes and twice the largest drop before.",
        looks_at="Followers in this run and the runs before, and those of the live controls.",
        fooled_by="A purge in which no control account lost any, or whose controls were not read before.",
        mind="Controls that lost as large a share since.",
    ),
    _row(
        "followers.purge",
        (PageKind.PROFILE,),
        support.followers_purged,
        evidence="Control accounts lost at least half of the author's share over the same time.",
        looks_at="As followers.dropped.",
        fooled_by="Controls that lost theirs for reasons of their own, or at another time.",
        mind="Controls that kept their followers.",
    ),
    _row(
        "page.text-cut",
        PAGES,
        quiet.text_cut,
        evidence="Half of the author's text or less, of 1000 characters and more; a length proves nothing.",
        looks_at="The length of the page's own content in both views.",
        fooled_by="Drafts, notes and tools that only the author's view has, or a wall without a mark.",
        mind="A sign that says why it is cut.",
    ),
    _row(
        "page.counts-differ",
        (PageKind.PROFILE, PageKind.PUBLICATION),
        quiet.counts_differ,
        evidence="More than 10 % apart: rounding makes 8 % at most (1.2K), an old copy little besides.",
        looks_at="Followers and subscribers, in both views at the same moment.",
        fooled_by="A copy of the page from before a purge.",
        mind="The two numbers alike.",
    ),
    _row(
        "story.responses-hidden-openly",
        (PageKind.STORY,),
        quiet.responses_hidden_openly,
        evidence="Medium's state bears when a response was hidden; authors can do that too.",
        looks_at="The sign of hidden responses in any view.",
        fooled_by="Nothing: it claims nothing.",
        mind="The sign gone.",
    ),
    _row(
        "controls.suspended-looks-otherwise",
        (PageKind.PROFILE,),
        support.suspended_looks_otherwise,
        evidence="The platform file names the page as suspended; it may also have been let back.",
        looks_at="The control of the kind suspended, looked at only where the other controls leave doubt.",
        fooled_by="A suspension that was lifted meanwhile.",
        mind="The page saying again that it is suspended.",
    ),
)
