"""Find the tests that carry `@pytest.mark.rfc(number, section, requirement)`, running none.

Read from the sources: a run of one test in one worker collects that test alone, and the table must
be the same whoever asks.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MARK = "pytest.mark.rfc"


@dataclass(frozen=True, slots=True)
class MarkedTest:
    """A test, and one requirement that it shows to be kept.

    Attributes:
        rfc: its number, such as `6749`; `7523bis` and `OAuth 2.1` for drafts.
        section: where the requirement is, such as `2.3.1`.
        requirement: what it asks, in few words.
        test: the test, as pytest names it, without parameters.
    """

    rfc: str
    section: str
    requirement: str
    test: str


@cache
def find_marked_tests() -> tuple[MarkedTest, ...]:
    """Return every mark of every test under `tests/`."""
    modules = sorted((ROOT / "tests").rglob("test_*.py"))
    return tuple(mark for module in modules for mark in _read(module))


def _read(module: Path) -> Iterator[MarkedTest]:
    path = module.relative_to(ROOT).as_posix()
    for statement in ast.parse(module.read_text()).body:
        if not isinstance(statement, ast.FunctionDef):
            continue
        for decorator in statement.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == _MARK:
                rfc, section, requirement = map(ast.literal_eval, decorator.args)
                yield MarkedTest(rfc, section, requirement, f"{path}::{statement.name}")
