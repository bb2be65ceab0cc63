"""Who is let in by what, in projects of three kinds; the main run is the first of them."""

import pytest

from tests.services.plugin import NestedPytest

SUITE = "tests/resource_server/admission"
# The suite's other conftest.py files need the tables that this project does without.
ALONE = ("--ds=tests.projects.resource_server", f"--confcutdir={SUITE}")
OTHERS = {"resource server alone": ALONE, "own user model": ("--ds=tests.projects.own_users",)}


@pytest.mark.slow
@pytest.mark.parametrize("options", OTHERS.values(), ids=OTHERS)
def test_lets_in_the_same_machines(nested_pytest: NestedPytest, options: tuple[str, ...]) -> None:
    ran = nested_pytest(SUITE, "-q", *options)

    assert ran.returncode == 0, ran.stdout[-5000:]
    assert " passed" in ran.stdout
