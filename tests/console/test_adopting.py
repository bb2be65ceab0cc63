"""Adopting the toolkit's applications in the console."""

from typing import Any

import pytest
from django.urls import reverse

from django_cc.console.clients.adopt_page import AdoptPage
from django_cc.models import AuditEvent, MachineClient, Scope
from tests.applications import add_token, create_application, find_application
from tests.console.console import Console, create_user, find_secrets, page_url, read
from tests.machines import TokenEndpoint, call


@pytest.fixture
def adopter(db: None) -> Console:
    """The console of one who may adopt, and see the dashboard."""
    return Console(create_user("ana", *AdoptPage.rights, "view_dashboard"))


def dashboard(console: Console) -> str:
    answer: Any = console.browser.get(reverse("admin:django_cc_dashboard_changelist"), secure=True)
    return read(answer)


def test_shows_what_would_become_of_each_application(adopter: Console) -> None:
    application = create_application()
    add_token(application, "orders:read unheard:of")
    create_application(name="Public", client_type="public")

    text = read(adopter.visit("adopt"))

    assert f'value="{application.client_id}"' in text
    assert "orders:read" in text
    assert "Offered by no API: unheard:of" in text
    assert "It is a public client" in text
    assert text.count('name="client_id"') == 1
    assert not MachineClient.objects.exists()


def test_adopts_those_that_are_ticked_and_no_others(
    adopter: Console, token_endpoint: TokenEndpoint
) -> None:
    chosen, other = create_application(), create_application(name="Other")
    add_token(chosen, "orders:read")

    answer = adopter.submit("adopt", client_id=chosen.client_id)

    assert answer.status_code == 302
    assert "1 application adopted." in read(adopter.visit("adopt"))
    assert [client.client_id for client in MachineClient.objects.all()] == [chosen.client_id]
    assert find_application(other).client_secret
    assert AuditEvent.objects.get(event="client_adopted").actor == "ana"
    assert call(token=token_endpoint.access_token(chosen)).status_code == 200


def test_shows_no_secret_and_no_hash(adopter: Console) -> None:
    application = create_application()
    stored = find_application(application).client_secret

    answer = adopter.visit("adopt")

    assert not find_secrets(answer)
    assert application.client_secret not in read(answer)
    assert stored not in read(answer)


def test_a_doubt_is_not_overruled_by_a_forged_choice(adopter: Console) -> None:
    application = create_application(registration_source="dcr")

    adopter.submit("adopt", client_id=application.client_id)

    assert "Only by cc_adopt --force" in read(adopter.visit("adopt"))
    assert not MachineClient.objects.exists()


def test_gives_no_restricted_scope(adopter: Console) -> None:
    Scope.objects.filter(name="orders:write").update(restricted=True)
    application = create_application()
    add_token(application, "orders:read orders:write")

    assert "Restricted, not given: orders:write" in read(adopter.visit("adopt"))
    adopter.submit("adopt", client_id=application.client_id)

    names = MachineClient.objects.get().access.values_list("scope__name", flat=True)
    assert list(names) == ["orders:read"]


def test_says_so_where_there_is_nothing_to_adopt(adopter: Console) -> None:
    assert "Nothing here, and that is fine." in read(adopter.visit("adopt"))


def test_the_dashboard_leads_there_while_there_is_something_to_adopt(adopter: Console) -> None:
    assert page_url("adopt") not in dashboard(adopter)

    create_application()

    assert page_url("adopt") in dashboard(adopter)


@pytest.mark.parametrize("missing", AdoptPage.rights)
def test_takes_every_right_that_it_uses(db: None, missing: str) -> None:
    rights = [right for right in AdoptPage.rights if right != missing]
    ben = Console(create_user("ben", *rights, "view_dashboard"))
    application = create_application()

    assert ben.submit("adopt", client_id=application.client_id).status_code == 403
    assert page_url("adopt") not in dashboard(ben)
    assert not MachineClient.objects.exists()
    assert AuditEvent.objects.filter(event="action_denied", detail="adopt").exists()
