"""The toolkit's own tests, from its source distribution, in a project with django_cc beside it.

Its modules are run as they are released and are no part of this repository; the modules they
import from beside themselves are ours, in `tests/toolkit_suite`.
"""

import re
import shutil
from pathlib import Path

import pytest

from tests.services.plugin import NestedPytest, stop_without
from tests.services.service import ServiceMissingError
from tests.services.toolkit_source import copy_toolkit_tests

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MODULES = ("test_client_credential.py", "test_rest_framework.py", "test_authorization_code.py")
TESTS = 131  # in these modules of 3.4.1
CLIENT_CREDENTIALS = {
    "TestClientCredential::test_client_credential_access_allowed",
    "TestClientCredential::test_client_credential_does_not_issue_refresh_token",
    "TestClientCredential::test_client_credential_user_is_none_on_access_token",
    "TestExtendedRequest::test_extended_request",
}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Return a folder that has the toolkit's modules and ours twice, by what they refuse."""
    for name in ("refusing", "serving"):
        shutil.copytree(ROOT / "tests/toolkit_suite", tmp_path / name)
        try:
            copy_toolkit_tests(MODULES, tmp_path / name)
        except ServiceMissingError as reason:
            stop_without(reason)
    return tmp_path


def test_fail_only_where_unadopted_applications_are_refused(
    suite: Path, nested_pytest: NestedPytest
) -> None:
    ran = nested_pytest(
        *(str(suite), "-q", "--tb=no", "-rf", "-p", "no:randomly", "-o", "filterwarnings=default"),
        "--ds=tests.projects.beside_toolkit",
        DJANGO_CC_TEST_DATABASE="sqlite",
    )

    failed = set(re.findall(r"^FAILED .*/(\w+)/\w+\.py::(\S+)", ran.stdout, re.M))
    passed = int((re.search(r"(\d+) passed", ran.stdout) or [0, 0])[1])
    assert failed == {("refusing", test) for test in CLIENT_CREDENTIALS}, ran.stdout[-5000:]
    assert passed == 2 * TESTS - len(CLIENT_CREDENTIALS), ran.stdout[-5000:]
