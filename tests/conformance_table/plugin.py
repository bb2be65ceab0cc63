"""Pytest plugin: run the marked tests alone, and write docs/conformance.md from the results.

`pytest -p tests.conformance_table.plugin --conformance-table=docs/conformance.md`. Works with
xdist: the reports of all workers come to the controller, which writes.
"""

from pathlib import Path

import pytest

from tests.conformance_table.document import PASSED, write_document
from tests.conformance_table.marks import find_marked_tests


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance-table", type=Path, metavar="FILE", help="write the table here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what carries no mark."""
    items[:] = [item for item in items if item.get_closest_marker("rfc")]


def pytest_configure(config: pytest.Config) -> None:
    """Write in the controller alone, where xdist has workers."""
    file: Path | None = config.getoption("--conformance-table")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Results(file), "conformance-results")


class _Results:
    """Collects how the tests ended."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst end of a test, over its phases and parameters."""
        test = report.nodeid.partition("[")[0]
        if report.outcome == PASSED and report.when != "call":
            return
        if self._outcomes.get(test, PASSED) == PASSED or report.outcome == "failed":
            self._outcomes[test] = report.outcome

    def pytest_sessionfinish(self) -> None:
        """Write the table; a test that carries a mark the sources do not show is an error."""
        marked = find_marked_tests()
        self._file.write_text(write_document(marked, self._outcomes))
        if unknown := self._outcomes.keys() - {mark.test for mark in marked}:
            raise pytest.UsageError(f"Marked in another way than by a decorator: {unknown}")
