"""`cc_groups`: groups with the rights of the people who run machine access."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from django_cc.authorization_server.ready_groups import GROUPS

pytestmark = pytest.mark.django_db
PREFIX = "Machine access: "
MINTING = {"issue_credential"}
STOPPING = {"disable_client", "revoke_credential", "revoke_tokens"}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("cc_groups", *arguments, stdout=out)
    return out.getvalue()


def held_by(name: str) -> set[str]:
    return {*Group.objects.get(name=name).permissions.values_list("codename", flat=True)}


@pytest.mark.parametrize("name", GROUPS)
def test_gives_each_group_its_rights(name: str) -> None:
    run()

    assert held_by(name) == {*GROUPS[name]}


def test_every_right_is_one_of_ours() -> None:
    ours = Permission.objects.filter(content_type__app_label="django_cc")

    named = {codename for held in GROUPS.values() for codename in held}

    assert named <= {*ours.values_list("codename", flat=True)}


def test_whoever_answers_calls_can_stop_and_not_mint() -> None:
    assert {*GROUPS[PREFIX + "On-call"]} >= STOPPING
    assert not MINTING & {*GROUPS[PREFIX + "On-call"]}


def test_whoever_grants_access_makes_no_credential() -> None:
    assert not MINTING & {*GROUPS[PREFIX + "Access approver"]}


def test_an_auditor_only_looks() -> None:
    acts = {one for one in GROUPS[PREFIX + "Auditor"] if not one.startswith("view_")}

    assert acts == {"access_all_clients"}


def test_a_developer_sees_own_clients_only() -> None:
    assert "access_all_clients" not in GROUPS[PREFIX + "Developer"]


def test_gives_nothing_to_a_group_the_project_has_already() -> None:
    Group.objects.create(name="Admin")

    run()

    assert held_by("Admin") == set()


def test_says_what_it_did() -> None:
    first, second = run(), run()

    assert "Key custodian: created with retire_signingkey, rotate_signingkey" in first
    assert second.splitlines() == [f"{name}: was so already" for name in GROUPS]


def test_prints_json() -> None:
    run()
    Group.objects.get(name=PREFIX + "Auditor").permissions.clear()

    groups: list[dict[str, Any]] = json.loads(run("--json"))

    (auditor,) = (group for group in groups if group["name"] == PREFIX + "Auditor")
    assert auditor == {
        "name": PREFIX + "Auditor",
        "created": False,
        "added": sorted(GROUPS[PREFIX + "Auditor"]),
    }


def test_keeps_what_somebody_has_added() -> None:
    run()
    extra = Permission.objects.get(codename="test_request")
    Group.objects.get(name=PREFIX + "Auditor").permissions.add(extra)

    run()

    assert "test_request" in held_by(PREFIX + "Auditor")


def test_says_what_to_do_where_rights_are_missing() -> None:
    Permission.objects.filter(codename="test_request").delete()

    with pytest.raises(CommandError, match=r"test_request.*migrate"):
        run()

    assert not Group.objects.exists()
