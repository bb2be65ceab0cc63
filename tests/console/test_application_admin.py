"""The toolkit's admin of Applications, in which machine clients are read-only."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.test import Client as HTTPClient
from django.test import RequestFactory
from django.urls import reverse
from oauth2_provider.models import get_application_model

from tests.machines import Machine
from tests.toolkit import create_application, create_user

LIST = "admin:oauth2_provider_application_changelist"
PAGE = "admin:oauth2_provider_application_change"
DELETE = "admin:oauth2_provider_application_delete"


@pytest.fixture
def superuser(db: None) -> HTTPClient:
    """The browser of somebody who may do everything."""
    client = HTTPClient()
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


def page_of(machine: Machine, name: str = PAGE) -> str:
    return reverse(name, args=[machine.row.application_id])


def read_application(machine: Machine) -> Any:
    return get_application_model().objects.get(client_id=machine.client_id)


def test_shows_a_machine_client_and_links_to_its_own_page(
    superuser: HTTPClient, machine: Machine
) -> None:
    answer = superuser.get(page_of(machine))

    own = reverse("admin:django_cc_machineclient_change", args=[machine.row.pk])
    content = answer.content.decode()
    assert f'<a href="{own}">{machine.row.name}</a>' in content
    assert machine.client_id in content
    assert 'name="_save"' not in content


def test_shows_nothing_of_the_secret_column(superuser: HTTPClient, machine: Machine) -> None:
    content = superuser.get(page_of(machine)).content.decode()

    assert read_application(machine).client_secret not in content
    assert "client_secret" not in content


def test_changes_nothing_of_a_machine_client(superuser: HTTPClient, machine: Machine) -> None:
    rows = get_application_model().objects.values()
    before = list(rows)

    answer = superuser.post(
        page_of(machine), {"name": "Mine now", "client_id": "mine", "client_secret": "known"}
    )

    assert answer.status_code == 403
    assert list(rows.all()) == before


@pytest.mark.parametrize("way", ["page", "action"])
def test_deletes_no_machine_client(superuser: HTTPClient, machine: Machine, way: str) -> None:
    if way == "page":
        superuser.post(page_of(machine, DELETE), {"post": "yes"})
    else:
        selected = {"_selected_action": [machine.row.application_id]}
        superuser.post(reverse(LIST), {"action": "delete_selected", "post": "yes", **selected})

    assert read_application(machine)


def test_saves_no_machine_client_by_a_list_with_editable_cells(machine: Machine) -> None:
    application = read_application(machine)
    model_admin = admin.site._registry[get_application_model()]

    with pytest.raises(PermissionDenied):
        model_admin.save_model(RequestFactory().post("/"), application, form=None, change=True)


def test_goes_on_changing_other_applications(superuser: HTTPClient) -> None:
    application = create_application("password")
    form = {
        "client_id": application.client_id,
        "client_type": "confidential",
        "authorization_grant_type": "password",
        "name": "Renamed",
    }

    answer = superuser.post(reverse(PAGE, args=[application.pk]), form)

    assert answer.status_code == 302
    application.refresh_from_db()
    assert application.name == "Renamed"


def test_goes_on_deleting_other_applications(superuser: HTTPClient) -> None:
    application = create_application()

    superuser.post(reverse(DELETE, args=[application.pk]), {"post": "yes"})

    assert not get_application_model().objects.exists()


def test_goes_on_adding_applications(superuser: HTTPClient) -> None:
    assert superuser.get(reverse("admin:oauth2_provider_application_add")).status_code == 200


def test_asks_for_the_permission_the_toolkit_asks_for(machine: Machine) -> None:
    reader = create_user(is_staff=True)
    client = HTTPClient()
    client.force_login(reader)
    assert client.get(page_of(machine)).status_code == 403

    reader.user_permissions.add(Permission.objects.get(codename="view_application"))

    assert client.get(page_of(machine)).status_code == 200


def test_names_the_client_where_our_console_is_not_on_the_site(machine: Machine) -> None:
    from django_cc.authorization_server.toolkit.application_admin import ApplicationAdmin

    site = admin.AdminSite("another")
    elsewhere = ApplicationAdmin(get_application_model(), site)

    assert elsewhere.machine_client_page(read_application(machine)) == machine.row.name
    assert elsewhere.machine_client_page(create_application()) == ""
