"""Find the tests that carry `@pytest.mark.rfc(number, section, requirement)`, without running any.

Read from the sources: a run of one test in one worker collects that test alone, and the table must
be the same whoever asks.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, order=True, slots=True)
class MarkedTest:
    """A test, and one requirement that it shows to be kept.

    Attributes:
        rfc: its number, such as `6749`; `7523bis` and `oauth-2.1` for drafts.
        section: where the requirement is, such as `2.3.1`.
        requirement: what it asks, in few words.
        test: the test, as pytest names it, without parameters.
    """

    rfc: str
    section: str
    requirement: str
    test: str


def find_marked_tests(root: Path = ROOT) -> list[MarkedTest]:
    """Return every mark of every test under `tests/`, in no particular order."""
    return [
        mark
        for module in sorted((root / "tests").rglob("test_*.py"))
        for mark in _read(module, root)
    ]


def _read(module: Path, root: Path) -> Iterator[MarkedTest]:
    path = module.relative_to(root).as_posix()
    for statement in ast.parse(module.read_text()).body:
        if isinstance(statement, ast.FunctionDef):
            for decorator in statement.decorator_list:
                if (
                    isinstance(decorator, ast.Call)
                    and ast.unparse(decorator.func) == "pytest.mark.rfc"
                ):
                    rfc, section, requirement = map(ast.literal_eval, decorator.args)
                    yield MarkedTest(rfc, section, requirement, f"{path}::{statement.name}")
