"""People go through the toolkit as before: django_cc breaks nothing where it is installed."""

from typing import Any

import pytest

from tests.projects.probe import probe_project

pytestmark = pytest.mark.slow

FLOW = "import runpy; runpy.run_module('tests.projects.people_flow', run_name='__main__')"


def without_keys(transcript: list[Any]) -> list[Any]:
    """Leave out what two projects with two signing keys cannot have in common."""
    return [step for step in transcript if step[0] != "jwks.json"]


def test_people_meet_the_same_before_and_after_installation() -> None:
    before, after = (probe_project(name, FLOW) for name in ("people_before", "people_after"))

    steps = {step[0]: step[1] for step in after}
    assert (steps["token"], steps["refresh"], steps["refresh again"]) == (200, 200, 400)
    assert (steps["userinfo"], steps["new token: read"], steps["revoked: read"]) == (200, 200, 401)
    for was, now in zip(without_keys(before), without_keys(after), strict=True):
        assert now == was
