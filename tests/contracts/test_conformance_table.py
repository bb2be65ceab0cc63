"""docs/conformance.md lists exactly the tests that cite an RFC, none of them failing."""

from dataclasses import astuple
from typing import Any

import pytest

from tests.conformance_table.document import PASSED, write_document
from tests.conformance_table.marks import ROOT, MarkedTest, find_marked_tests
from tests.conformance_table.scope import REQUIRED_SECTIONS, TITLES

DOCUMENT = ROOT / "docs/conformance.md"


def test_is_up_to_date_and_has_no_failing_row() -> None:
    marked = find_marked_tests()
    expected = write_document(marked, {mark.test: PASSED for mark in marked})

    is_up_to_date = DOCUMENT.read_text() == expected  # no diff of a thousand lines

    assert is_up_to_date, "Run `uv run nox -s conformance` and look at what it changed."


@pytest.mark.parametrize("rfc", REQUIRED_SECTIONS)
def test_shows_every_section_that_asks_something_of_us(rfc: str) -> None:
    shown = {mark.section for mark in find_marked_tests() if mark.rfc == rfc}

    assert set(REQUIRED_SECTIONS[rfc].split(", ")) <= shown


def test_knows_the_title_of_every_rfc_that_is_cited() -> None:
    assert {mark.rfc for mark in find_marked_tests()} <= TITLES.keys()


def test_finds_the_marks_that_pytest_finds(request: Any) -> None:
    collected = {
        (*mark.args, item.nodeid.partition("[")[0])
        for item in request.session.items
        for mark in item.iter_markers("rfc")
    }

    assert collected <= set(map(astuple, find_marked_tests()))


MARKS = [
    MarkedTest("9999", "10", "a | b", "tests/x.py::test_it_is_last"),
    MarkedTest("9999", "9.1", "a", "tests/x.py::test_it_fails"),
    MarkedTest("9999", "9.1", "a", "tests/x.py::test_it_passes"),
    MarkedTest("9999", "A.1", "b", "tests/y.py::test_it_is_missing"),
    MarkedTest("800", "1", "c", "tests/y.py::test_it_passes"),
    MarkedTest("OAuth 2.1", "1", "d", "tests/y.py::test_it_passes"),
]
OUTCOMES = {
    "tests/x.py::test_it_is_last": "passed",
    "tests/x.py::test_it_passes": "passed",
    "tests/x.py::test_it_fails": "failed",
    "tests/y.py::test_it_passes": "passed",
}


def test_orders_by_rfc_and_section_and_tells_every_result() -> None:
    written = write_document(MARKS, OUTCOMES).splitlines()

    rows = [line for line in written if "../tests/" in line]
    assert [line[:8] for line in written if line.startswith("## ")][:3] == [
        "## RFC 8",
        "## RFC 9",
        "## OAuth",
    ]
    assert rows == [
        "| 1 | c | [it passes](../tests/y.py) | passed |",
        "| 9.1 | a | [it fails](../tests/x.py), [it passes](../tests/x.py) | **failed, passed** |",
        "| 10 | a \\| b | [it is last](../tests/x.py) | passed |",
        "| A.1 | b | [it is missing](../tests/y.py) | **not run** |",
        "| 1 | d | [it passes](../tests/y.py) | passed |",
    ]
