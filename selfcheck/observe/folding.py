"""Texts made comparable: a browser, a file and a person write the same sentence differently."""

_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2026": "...",
        "\u00ad": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u2060": None,
        "\ufeff": None,
    }
)


def fold(text: str) -> str:
    """Return the text in lower case with white space folded, typographic quotes, dashes and dots made plain.

    Case goes because a browser's visible text has what style sheets make of it (`text-transform`).
    """
    return " ".join(text.translate(_PLAIN).split()).casefold()
