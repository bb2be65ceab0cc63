"""Applications for client credentials that are no machine clients: `REFUSE_UNADOPTED`."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_cc.authorization_server import recording
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals.buffer import MOST_OF_ONE_CALLER
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.toolkit import refusal_port
from django_cc.models import AuditEvent
from tests.machines import read_json
from tests.toolkit import basic, create_application, create_user, mount, post

URL = "/o/token/"
CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture(autouse=True, params=[False, True], ids=["the toolkit's URL", "a shared URL"])
def mounted(request: pytest.FixtureRequest, db: None, settings: Any) -> Iterator[None]:
    """The toolkit's endpoints, with and without ours at its token URL."""
    recording._forget()  # what other tests left in memory
    mount(settings, shared=request.param)
    yield
    recording._forget()


def allow(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "REFUSE_UNADOPTED": False}


@pytest.mark.rfc("6749", "5.2", "unauthorized_client: not authorized to use this grant type")
def test_are_refused_with_a_reference_to_the_reason() -> None:
    application = create_application()

    answer = post(URL, CLIENT_CREDENTIALS, basic(application.client_id))

    document = read_json(answer)
    assert (answer.status_code, document["error"]) == (400, "unauthorized_client")
    write_down()
    event = AuditEvent.objects.get(event=AuditEvent.Event.TOKEN_REFUSED)
    assert f"(reference {event.reference})" in document["error_description"]
    assert (event.client_id, event.reason) == (application.client_id, "not_adopted")
    assert event.address == "127.0.0.1"
    assert "cc_adopt" in explain_refusal(event.reason)


def test_are_told_so_only_when_they_have_authenticated() -> None:
    application = create_application()

    answer = post(URL, CLIENT_CREDENTIALS, basic(application.client_id, "wrong"))

    write_down()
    assert (answer.status_code, read_json(answer)) == (401, {"error": "invalid_client"})
    assert not AuditEvent.objects.filter(event=AuditEvent.Event.TOKEN_REFUSED).exists()


def test_fill_the_trail_no_faster_than_others() -> None:
    application = create_application()

    for _ in range(MOST_OF_ONE_CALLER + 5):
        post(URL, CLIENT_CREDENTIALS, basic(application.client_id))

    write_down()
    kept = AuditEvent.objects.filter(event=AuditEvent.Event.TOKEN_REFUSED).count()
    assert kept <= 2 * MOST_OF_ONE_CALLER  # the turn of a minute may be among them


def test_cannot_forge_the_trail_by_their_client_ids(caplog: pytest.LogCaptureFixture) -> None:
    # The toolkit lets users choose them.
    application = create_application(client_id="a\nINFO django_cc.audit client_registered")

    with caplog.at_level("INFO", "django_cc"):
        post(URL, CLIENT_CREDENTIALS, basic("a%0AINFO+django_cc.audit+client_registered"))
        write_down()

    event = AuditEvent.objects.get(event=AuditEvent.Event.TOKEN_REFUSED)
    assert (event.client_id, event.reason) == ("", "not_adopted")
    assert application.client_id not in caplog.text


def test_are_served_by_the_toolkit_where_that_is_allowed(settings: Any) -> None:
    allow(settings)
    application = create_application()

    answer = post(URL, CLIENT_CREDENTIALS, basic(application.client_id))

    assert (answer.status_code, read_json(answer)["scope"]) == (200, "read write")


def test_are_refused_by_the_toolkit_itself_for_another_grant() -> None:
    application = create_application("authorization-code")

    answer = post(URL, CLIENT_CREDENTIALS, basic(application.client_id))

    assert (answer.status_code, read_json(answer)) == (400, {"error": "unauthorized_client"})


@pytest.mark.filterwarnings("ignore:The OAuth 2.0 resource owner password:DeprecationWarning")
def test_leave_other_grants_alone() -> None:
    create_user()
    application = create_application("password")
    form = {"grant_type": "password", "username": "ada", "password": "secret"}

    assert post(URL, form, basic(application.client_id)).status_code == 200


def test_are_refused_by_a_switch_that_is_on_or_off(settings: Any) -> None:
    assert get_settings().refuse_unadopted is True
    settings.DJANGO_CC = {**settings.DJANGO_CC, "REFUSE_UNADOPTED": "no"}

    with pytest.raises(ImproperlyConfigured, match="REFUSE_UNADOPTED"):
        get_settings()


def test_are_never_refused_in_silence() -> None:
    from django.http import HttpRequest

    with pytest.raises(refusal_port.NoRecorderError):
        refusal_port._refuse_to_record("x", HttpRequest())
