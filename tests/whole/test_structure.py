"""What the structure must never lose; `tests/support/structure.py` prints all figures."""

import pytest
from structure import ROOT, Source, banned_phrases


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(ROOT)


def test_no_function_is_longer_than_a_page(source: Source) -> None:
    assert source.long_functions() == []


def test_no_module_is_longer_than_a_sitting(source: Source) -> None:
    assert source.long_modules() == []


def test_no_modules_import_each_other_in_a_circle(source: Source) -> None:
    assert source.import_circles() == []


def test_no_public_class_name_is_defined_twice(source: Source) -> None:
    assert source.doubled_classes() == {}


def test_messages_and_documents_hold_no_phrase_that_people_do_not_say() -> None:
    assert banned_phrases(ROOT) == []
