"""The suite once more with a transaction around every view."""

import pytest

from tests.services.plugin import NestedPytest

# What never meets a view of the project.
ELSEWHERE = ("protocol", "contracts", "services")


@pytest.mark.slow
def test_passes_with_atomic_requests_too(nested_pytest: NestedPytest) -> None:
    ran = nested_pytest(
        *("tests", "-q", "--ds=tests.projects.atomic_requests"),
        *("-m", "not slow and not browser and not faults"),
        *(f"--ignore=tests/{folder}" for folder in ELSEWHERE),
    )

    assert ran.returncode == 0, ran.stdout[-5000:]
