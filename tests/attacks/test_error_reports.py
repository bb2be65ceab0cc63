"""Threat: a defect of ours puts a secret into the error report that Django mails or shows."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.template import TemplateSyntaxError
from django.test import Client as HTTPClient
from django.views.debug import ExceptionReporter

from django_cc.authorization_server.tokens import issuing, liveness
from django_cc.models import Scope
from tests.assertions import new_key
from tests.machines import FORM, Machine, TokenEndpoint, encode

# Reports break long values into lines: the beginning of a secret is enough to find it.
SECRET = re.compile(r"dccs_[0-9A-Za-z]{5}")


class Reports(logging.Handler):
    """Makes of each unhandled exception the report that Django would mail, in both forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found = ""

    def emit(self, record: Any) -> None:
        if record.exc_info:
            kind, error, trace = record.exc_info
            reporter = ExceptionReporter(record.request, kind, error, trace, is_email=True)
            self.found += reporter.get_traceback_html() + reporter.get_traceback_text()


@pytest.fixture
def reported() -> Iterator[Callable[[], str]]:
    """Return what has been reported."""
    reports, logger = Reports(), logging.getLogger("django.request")
    logger.addHandler(reports)
    yield lambda: reports.found
    logger.removeHandler(reports)


def fail(*_arguments: Any, **_options: Any) -> Any:
    raise ZeroDivisionError("a defect")


@pytest.mark.parametrize("transport", ["basic", "body"])
def test_leaves_the_credentials_of_a_token_request_out(
    signing_key: None,
    machine: Machine,
    reported: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    transport: str,
) -> None:
    monkeypatch.setattr(issuing, "sign_access_token", fail)
    form = {"grant_type": "client_credentials"}
    headers = {"authorization": machine.basic()} if transport == "basic" else {}
    form |= {} if transport == "basic" else machine.body_credentials()

    answer = HTTPClient(raise_request_exception=False).post(
        "/oauth/token", encode(form), content_type=FORM, headers=headers, secure=True
    )

    report = reported()
    assert answer.status_code == 500
    assert "ZeroDivisionError" in report
    assert not SECRET.search(report)
    assert machine.basic().removeprefix("Basic ")[:20] not in report


def test_leaves_the_access_token_of_an_api_call_out(
    token_endpoint: TokenEndpoint,
    machine: Machine,
    reported: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = token_endpoint.access_token(machine)
    monkeypatch.setattr(liveness, "_require_still_allowed", fail)

    answer = HTTPClient(raise_request_exception=False).get(
        "/api/scoped/", headers={"authorization": f"Bearer {token}"}
    )

    report = reported()
    assert answer.status_code == 500
    assert token.rpartition(".")[2][:20] not in report


def test_leaves_a_new_secret_out_when_its_page_cannot_be_shown(
    db: None, reported: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_cc.console.clients.show_once import ShowOncePage

    monkeypatch.setattr(ShowOncePage, "snippets", fail)
    browser = HTTPClient(raise_request_exception=False)
    browser.force_login(get_user_model().objects.create_superuser("ana"))

    answer = browser.post(
        "/admin/django_cc/machineclient/add/",
        {
            "name": "Billing sync",
            "registration_key": str(uuid.uuid4()),
            "secret_expires": "365",
            "scopes": [Scope.objects.get(name="orders:read").pk],
        },
        secure=True,
    )

    report = reported()
    assert answer.status_code == 500
    assert ZeroDivisionError.__name__ in report or TemplateSyntaxError.__name__ in report
    assert not SECRET.search(report)


@pytest.mark.parametrize("page", ["create", "rotate"])
def test_leaves_a_secret_out_that_was_made_for_a_client(
    machine: Machine, reported: Callable[[], str], monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    from django_cc.console.clients.show_once import ShowOncePage

    monkeypatch.setattr(ShowOncePage, "snippets", fail)
    browser = HTTPClient(raise_request_exception=False)
    browser.force_login(get_user_model().objects.create_superuser("ana"))
    below = page if page == "create" else f"{machine.row.secrets.get().pk}/rotate"

    answer = browser.post(
        f"/admin/django_cc/machineclient/{machine.row.pk}/secrets/{below}/",
        {"secret_expires": "90", "overlap": "3600", "expected_secrets": "1"},
        secure=True,
    )

    visible = {str(secret)[:10] for secret in machine.row.secrets.all()}
    found = {shown[:10] for shown in SECRET.findall(reported())}
    assert answer.status_code == 500
    assert found <= {start[:10] for start in visible}


@pytest.mark.parametrize("address", ["add", "{pk}/keys/add"])
def test_leaves_a_private_key_out_that_was_pasted_by_mistake(
    machine: Machine, reported: Callable[[], str], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    from django_cc.console.clients.credentials import public_key_field

    monkeypatch.setattr(public_key_field.PublicKeyField, "clean", fail)
    browser = HTTPClient(raise_request_exception=False)
    browser.force_login(get_user_model().objects.create_superuser("ana"))
    pasted = new_key().to_pem().decode()

    answer = browser.post(
        f"/admin/django_cc/machineclient/{address.format(pk=machine.row.pk)}/",
        {"name": "Signer", "authentication": "private_key_jwt", "public_key": pasted},
        secure=True,
    )

    assert answer.status_code == 500
    assert pasted.splitlines()[1][:20] not in reported()
