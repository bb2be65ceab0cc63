"""What goes through views, once more with a transaction around each."""

import pytest

from tests.services.plugin import NestedPytest

THROUGH_VIEWS = ("attacks", "conformance", "console", "resource_server")


@pytest.mark.slow
def test_passes_with_atomic_requests_too(nested_pytest: NestedPytest) -> None:
    ran = nested_pytest(
        *(f"tests/{folder}" for folder in THROUGH_VIEWS),
        *("-q", "--ds=tests.projects.atomic_requests"),
        *("-m", "not slow and not browser and not faults"),
    )

    assert ran.returncode == 0, ran.stdout[-5000:]
