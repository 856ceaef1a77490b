"""How alike two names are; `benchmarks/impostors.py` measures it on many."""

import pytest

from selfcheck.impostors.names import Alike, compare_names

CYRILLIC = "\N{CYRILLIC SMALL LETTER A}\N{CYRILLIC SMALL LETTER IE}"
BOLD = "".join(chr(0x1D41A + ord(letter) - 97) for letter in "elena") + " Marsh"


@pytest.mark.parametrize(
    ("own", "other", "way"),
    [
        pytest.param(
            "Anna Berg", f"Ann{CYRILLIC[0]} Berg", "the same: Cyrillic small letter a", id="a Cyrillic letter"
        ),
        pytest.param("Elena Marsh", BOLD, "another alphabet", id="mathematical letters"),
        pytest.param("Elena Marsh", "EIena Marsh", "others that look the same", id="a capital i for an l"),
        pytest.param("elena-marsh", "e1ena_marsh", "digits, signs or letters", id="a digit for a letter"),
        pytest.param("Tom Ames", "Torn Ames", "digits, signs or letters", id="rn for m"),
        pytest.param(
            "Elena Marsh", "Ele\u200bna Marsh", "hidden characters: Zero width space", id="a hidden character"
        ),
        pytest.param(
            "Elena Marsh", "Elena Marsh Official \u2713", "official", id="a word and a sign beside it"
        ),
        pytest.param("elena-marsh", "elena-marsh84", "digits at the end", id="digits at the end"),
        pytest.param("J\u00f6rg Wolf", "Jorg Wolf", "accents", id="an accent less"),
        pytest.param("elena-marsh", "elena.marsh", "signs or spaces", id="another sign between"),
        pytest.param("Elena Marsh", "Marsh Elena", "another order", id="the words exchanged"),
    ],
)
def test_a_name_that_looks_the_same_is_told_with_how_it_is_written(own: str, other: str, way: str) -> None:
    found = compare_names(own, other)
    assert found.alike is Alike.LOOKS_THE_SAME
    assert way in "; ".join(found.ways)
    assert compare_names(other, own).alike is Alike.LOOKS_THE_SAME


@pytest.mark.parametrize(
    ("own", "other", "alike"),
    [
        pytest.param("Elena Marsh", "elena  MARSH", Alike.SAME, id="case and spaces do not count"),
        pytest.param(
            "\u0418\u0432\u0430\u043d", "\u0418\u0432\u0430\u043d", Alike.SAME, id="Cyrillic for itself"
        ),
        pytest.param("Elena Marsh", "Elena Marsch", Alike.SIMILAR, id="one letter more"),
        pytest.param("Elena Marsh", "Elna Marsh", Alike.SIMILAR, id="one letter less"),
        pytest.param("Anna", "Hanna", Alike.DIFFERENT, id="of a short name one letter is much"),
        pytest.param("Anna Keller", "Anna Kessler", Alike.DIFFERENT, id="one given name, two family names"),
        pytest.param("Tom Marsh", "Beth Marsh", Alike.DIFFERENT, id="one family name, two given names"),
        pytest.param("The Author", "Official Team", Alike.DIFFERENT, id="names of nothing but such words"),
        pytest.param("Elena Marsh", "", Alike.UNKNOWN, id="no name is not another name"),
        pytest.param("", "", Alike.UNKNOWN, id="two unknown names are not the same"),
    ],
)
def test_other_names_are_the_same_similar_different_or_unknown(own: str, other: str, alike: Alike) -> None:
    assert compare_names(own, other).alike is alike
    assert compare_names(other, own).alike is alike
