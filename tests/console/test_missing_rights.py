"""Who may only look at a part of a client is told so, and whom to ask."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from django_cc.authorization_server.ready_groups import ensure_groups
from tests.console.console import Console, create_user, read
from tests.machines import register

TABS = {
    "credentials": "rotate its secrets. Ask someone who may create credentials",
    "access": "change its API access. Ask someone who may grant access",
    "limits": "change its limits. Ask someone who may edit machine clients",
}
RIGHT = {
    "credentials": "issue_credential",
    "access": "grant_access",
    "limits": "change_machineclient",
}


@pytest.fixture
def reader(db: None) -> Console:
    """The console as ben sees it, who may only look."""
    return Console(create_user("ben", "view_machineclient", "access_all_clients"))


def read_tab(console: Console, tab: str, **owned_by: Any) -> str:
    """Return a tab of a client."""
    return read(console.visit(tab, register(**owned_by).row.pk))


@pytest.mark.parametrize("tab", TABS)
def test_says_what_is_missing_even_where_nobody_can_be_named(reader: Console, tab: str) -> None:
    text = read_tab(reader, tab)

    assert f"You can see this machine client but not {TABS[tab]}." in text


@pytest.mark.parametrize("tab", TABS)
def test_names_the_owner_who_may_and_not_a_group_that_may_not(reader: Console, tab: str) -> None:
    ensure_groups()
    owner = create_user("ana", RIGHT[tab])
    everybody = Group.objects.create(name="Everybody")

    text = read_tab(reader, tab, owner=owner, owning_group=everybody)

    assert read_on(text, TABS[tab]) == ": ana."


@pytest.mark.parametrize("tab", TABS)
def test_names_groups_that_see_every_client_where_nobody_nearer_may(
    reader: Console, tab: str
) -> None:
    ensure_groups()

    asked = read_on(read_tab(reader, tab), TABS[tab])

    assert "Machine access: Admin group" in asked
    assert "Developer" not in asked


@pytest.mark.parametrize("tab", TABS)
def test_names_the_owning_group_that_may(reader: Console, tab: str) -> None:
    ensure_groups()
    developers = Group.objects.get(name="Machine access: Developer")
    right = reader.user.user_permissions.model.objects.get(codename=RIGHT[tab])
    developers.permissions.add(right)

    text = read_tab(reader, tab, owning_group=developers)

    assert read_on(text, TABS[tab]) == ": Machine access: Developer group."


@pytest.mark.parametrize("tab", TABS)
def test_sends_nobody_to_an_owner_who_has_left(reader: Console, tab: str) -> None:
    owner = create_user("ana", RIGHT[tab], is_active=False)

    text = read_tab(reader, tab, owner=owner)

    assert read_on(text, TABS[tab]) == "."


@pytest.mark.parametrize("tab", TABS)
def test_says_nothing_to_who_may(db: None, tab: str) -> None:
    kim = Console(create_user("kim", "view_machineclient", "access_all_clients", RIGHT[tab]))

    assert "You can see this machine client but" not in read_tab(kim, tab)


def read_on(text: str, sentence: str) -> str:
    """Return what follows the sentence in its paragraph."""
    return text.partition(sentence)[2].partition("</p>")[0]
