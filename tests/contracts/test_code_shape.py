"""The shape of the code: sizes, names, and the direction of imports."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for path in (ROOT / "django_cc").rglob("*.py") if "migrations" not in path.parts
)
MOST_LINES = 350
DRAWERS = {"utils", "util", "helpers", "common", "misc", "core", "base", "services"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_is_small(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= MOST_LINES


def test_has_no_drawers() -> None:
    names = {part for module in MODULES for part in module.relative_to(ROOT).with_suffix("").parts}

    assert not names & DRAWERS


@pytest.mark.parametrize(
    "module",
    [path for path in MODULES if path.stat().st_size],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_says_in_one_sentence_what_it_is_for(module: Path) -> None:
    first = module.read_text().splitlines()[0]

    assert first.startswith('"""')


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("importlinter") is None, reason="no import-linter")
def test_keeps_the_import_contracts() -> None:
    command = Path(sys.executable).with_name("lint-imports")

    ran = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout


@pytest.mark.django_db
def test_has_migrations_in_step_with_the_models() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_can_be_imported_without_django() -> None:
    probe = (
        "import django_cc, sys; assert 'django' not in sys.modules; print(django_cc.__version__)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip()
