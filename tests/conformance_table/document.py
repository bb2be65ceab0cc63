"""Write docs/conformance.md: section, requirement, tests, result."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.conformance_table.marks import MarkedTest
from tests.conformance_table.scope import LATER, NOT_APPLICABLE, NOT_SUPPORTED, TITLES, Absence

PASSED = "passed"
NOT_RUN = "not run"
_HEAD = """\
# Conformance

What the standards ask of this project, and the tests that show it to be kept. Written by
`uv run nox -s conformance` from the tests marked `@pytest.mark.rfc(…)` and the results of running
them; do not edit it by hand. The suite fails when this page does not list exactly the marked tests,
or when a row has not passed.

Requirements are in our words; MUST, SHOULD and MAY are the RFC's. *Passed* means every test of the
row, with all of its parameters. Rows for the API's half are here as far as it is built.
"""


def write_document(marked: Iterable[MarkedTest], outcomes: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        marked: what there is to show.
        outcomes: how each test ended, by its name; a test that is missing was not run.
    """
    by_rfc = defaultdict(list)
    for mark in marked:
        by_rfc[mark.rfc].append(mark)
    chapters = [_write_rfc(rfc, by_rfc[rfc], outcomes) for rfc in sorted(by_rfc, key=_natural)]
    return "\n".join(
        [
            _HEAD,
            *chapters,
            _write_absences("Not applicable", NOT_APPLICABLE),
            _write_absences("Deliberately not supported", NOT_SUPPORTED),
            _write_absences("Planned for later rounds", LATER),
        ]
    )


def _write_rfc(rfc: str, marked: Sequence[MarkedTest], outcomes: Mapping[str, str]) -> str:
    rows = defaultdict(list)
    for mark in marked:
        rows[mark.section, mark.requirement].append(mark.test)
    lines = [
        f"| {section} | {_escape(requirement)} | {_link(tests)} | {_judge(tests, outcomes)} |"
        for (section, requirement), tests in sorted(rows.items(), key=_by_section)
    ]
    title = f"## {_name(rfc)}: {TITLES.get(rfc, '')}"
    head = "| section | requirement | tests | result |\n|---|---|---|---|"
    return "\n".join([title, "", head, *lines, ""])


def _write_absences(title: str, absences: Sequence[Absence]) -> str:
    lines = [f"| {_escape(one.what)} | {one.where} | {_escape(one.why)} |" for one in absences]
    return "\n".join([f"## {title}", "", "| what | where | why |\n|---|---|---|", *lines, ""])


def _judge(tests: Iterable[str], outcomes: Mapping[str, str]) -> str:
    found = sorted({outcomes.get(test, NOT_RUN) for test in tests})
    return PASSED if found == [PASSED] else f"**{', '.join(found)}**"


def _link(tests: Iterable[str]) -> str:
    return ", ".join(_link_one(test) for test in sorted(set(tests)))


def _link_one(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"


def _name(rfc: str) -> str:
    return f"RFC {rfc}" if rfc.isdigit() else rfc


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def _by_section(row: tuple[tuple[str, str], object]) -> tuple[object, ...]:
    (section, requirement), _ = row
    return _natural(section), requirement


def _natural(text: str) -> list[tuple[bool, int, str]]:
    # 2.10 after 2.9; appendices and names, which begin with a letter, after numbers.
    parts = re.findall(r"\d+|[A-Za-z]+", text)
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
