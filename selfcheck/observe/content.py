"""How much of its own content a page shows, to compare two viewpoints: menus and footers aside."""

from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture

_ASIDE = ["script", "style", "noscript", "template", "nav", "footer", "aside", "svg"]
_MAIN = ("main, [role=main]", "article")


def text_length(capture: Capture) -> int:
    """Return the characters of the page's own content, white space folded.

    The largest `main`, else the largest `article`, else the whole visible text counts.
    """
    tree = LexborHTMLParser(capture.html)
    tree.strip_tags(_ASIDE, recursive=True)
    for selector in _MAIN:
        lengths = [len(" ".join(node.text(deep=True).split())) for node in tree.css(selector)]
        if any(lengths):
            return max(lengths)
    return len(" ".join(capture.text.split()))
