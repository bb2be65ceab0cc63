"""A project with session users lets machines into one view, in ten lines, and nowhere else."""

import re
from difflib import ndiff
from pathlib import Path

import pytest

from tests.services.plugin import NestedPytest

SUITE = "tests/resource_server/existing_project"
SHOP = Path(__file__).parents[1] / "projects/shop"


@pytest.mark.slow
def test_opens_one_view_and_no_other(nested_pytest: NestedPytest) -> None:
    ran = nested_pytest(SUITE, "-q", "--ds=tests.projects.shop.with_machines")

    assert ran.returncode == 0, ran.stdout[-5000:]
    assert " passed" in ran.stdout


def test_takes_ten_lines() -> None:
    before, after = [(SHOP / f"{name}.py").read_text() for name in ("before", "with_machines")]
    routes = (SHOP / "urls_with_machines.py").read_text()
    in_settings = [
        line
        for line in ndiff(before.splitlines(), after.splitlines())
        # The sentence at the top, the file of the routes, and a bracket are no lines of it.
        if line.startswith("+ ") and not re.search(r'"""|ROOT_URLCONF|^\+ }$', line)
    ]
    in_view = re.findall(r"^    (?:permission_classes|required_scopes) = .*", routes, re.MULTILINE)
    in_urls = re.findall(r".*django_cc.urls.*", routes)

    assert len([*in_settings, *in_view, *in_urls]) == 10
