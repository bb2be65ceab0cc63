"""Threat: somebody who may open a list of the console asks the database through its address.

Django's admin takes a lookup on any column: a regular expression that never ends, whether a row
that one may not see is there, a year that no calendar has. Ours takes what its pages link alone.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_cc.models import API, AuditEvent, MachineClient, Scope
from tests.audit_events import add_event, add_refusal
from tests.console.console import create_user
from tests.machines import register

LISTS: list[type[models.Model]] = [API, AuditEvent, MachineClient, Scope]
OURS = [model for model in admin.site._registry if model._meta.app_label == "django_cc"]
SUFFIXES = {
    "__regex": "^(a|a)*$",
    "__iregex": "(",
    "__isnull": "0",
    "__startswith": "a",
    "__contains": "1",
    "__gt": "1",
    "__lte": "1",
    "__gte": "9999-12-31T23:59:59.999999-23:59",
    "__range": "1",
    "__year": "99999999999",
    "__iso_year": "99999999999",
    "__year__gte": "99999999999",
    "__pk": "1",
    "__client__name": "a",
    "": "1",
    "__exact": "1",
    "__in": "1",
}
LINKED = {  # by the console's own filters and by the dashboard
    AuditEvent: {
        *("event", "event__exact", "result", "result__exact", "actor_kind", "actor_kind__exact"),
        *("reason", "reason__in"),
    },
    MachineClient: {"authentication", "managed_by", "owner"},
    Scope: {"restricted", "restricted__exact"},
}


@pytest.fixture
def root(admin_user: Any) -> Client:
    """The browser of somebody who may see everything; a failure is an answer."""
    browser = Client(raise_request_exception=False)
    browser.force_login(admin_user)
    return browser


def visit(browser: Client, model: type[models.Model], **query: Any) -> Any:
    page = f"admin:django_cc_{model._meta.model_name}_changelist"
    return browser.get(reverse(page), query, secure=True)


def list_columns(model: type[models.Model]) -> Iterator[str]:
    """Yield whatever a lookup may begin with: columns, keys and relations of both directions."""
    for field in model._meta.get_fields():
        yield field.name
        if isinstance(field, models.ForeignKey):
            yield field.attname
    yield "pk"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_list_takes_a_lookup_but_those_that_pages_link(
    model: type[models.Model], admin_user: Any
) -> None:
    request = HttpRequest()
    request.user = admin_user
    takes = admin.site.get_model_admin(model).lookup_allowed

    taken = {
        column + suffix
        for column in list_columns(model)
        for suffix, value in SUFFIXES.items()
        if takes(column + suffix, value, request)
    }

    assert taken == LINKED.get(model, set())


@pytest.mark.parametrize(
    ("model", "lookup", "value"),
    [
        (MachineClient, "description__regex", "^(a|a)*$"),
        (MachineClient, "registered_at__year", "99999999999"),
        (MachineClient, "allowed_networks__contains", "1"),
        (MachineClient, "application", "9" * 23),
        (MachineClient, "authentication", "\0"),
        (MachineClient, "secrets__digest__startswith", "sha"),
        (API, "name__regex", "("),
        (API, "introspectors", "1"),
        (API, "client_count", "9" * 30),
        (Scope, "access", "1"),
        (Scope, "access__isnull", "0"),
        (Scope, "api__id__exact", "9" * 30),
        (AuditEvent, "event__exact", "\0"),
        (AuditEvent, "reason", "\0"),
        (AuditEvent, "reference__regex", "("),
        (AuditEvent, "id__range", "1"),
        *((AuditEvent, "time__year", year) for year in ("0", "9999", "99999999999", "abc", "-1")),
        *((AuditEvent, "time__month", month) for month in ("13", "9" * 30)),
        (AuditEvent, "time__day", "-1"),
        (AuditEvent, "time__iso_year", "99999999999"),
        (AuditEvent, "time__gte", "9999-12-31T23:59:59.999999-23:59"),
        (AuditEvent, "time__gte", "2026-02-31T00:00"),
        (AuditEvent, "time__gte", "x"),
    ],
    ids=str,
)
def test_refuses_it_and_answers_nothing(
    root: Client, model: type[models.Model], lookup: str, value: str
) -> None:
    answer = visit(root, model, **{lookup: value})

    assert answer.status_code == 400


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("year", ["1970", "2200"])
def test_takes_the_first_and_the_last_year_in_every_zone(
    root: Client, settings: Any, zone: str, year: str
) -> None:
    settings.TIME_ZONE = zone

    assert visit(root, AuditEvent, time__year=year).status_code == 200
    assert visit(root, AuditEvent, time__gte=f"{year}-12-31T23:59:59+00:00").status_code == 200


def test_takes_what_pages_link(root: Client) -> None:
    client_id = register().client_id
    refusal = add_refusal("wrong_secret", client_id=client_id)
    add_event()
    scope = Scope.objects.get(name="orders:read")

    found = {
        "event": visit(root, AuditEvent, event="token_refused", reason="wrong_secret"),
        "reasons": visit(root, AuditEvent, reason__in="wrong_secret,client_disabled"),
        "choice": visit(root, AuditEvent, event__exact="token_refused", result__exact="refused"),
        "since": visit(root, AuditEvent, reason="wrong_secret", time__gte="2026-01-02T03:04+00:00"),
    }
    day = {f"time__{part}": getattr(refusal.time, part) for part in ("year", "month", "day")}

    for answer in found.values():
        assert list(answer.context["cl"].result_list) == [refusal]
    assert visit(root, AuditEvent, **day).context["cl"].result_count == AuditEvent.objects.count()
    of_api = visit(root, Scope, api__id__exact=scope.api_id, restricted__exact="0")
    assert scope in of_api.context["cl"].result_list


LONG = " ".join(f"w{number}" for number in range(6000))


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_a_search_for_thousands_of_words_is_one_for_the_first(
    root: Client, model: type[models.Model]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = visit(root, model, q=LONG)

    assert answer.status_code == 200
    assert not any("w10%" in query["sql"] for query in queries)


@pytest.mark.parametrize("term", [LONG, "a\0b", '"' * 300, "'a " * 300], ids=range(4))
def test_completion_takes_any_term(root: Client, term: str) -> None:
    assert complete(root, term).status_code == 200


def test_completion_does_not_search_a_secret(root: Client) -> None:
    machine = register()
    MachineClient.objects.update(description=machine.client_secret)

    assert complete(root, "Billing").json()["results"]
    assert complete(root, machine.client_secret).json()["results"] == []


def complete(browser: Client, term: str) -> Any:
    """Ask for the machine clients that a field of the admin would offer."""
    asked = {"app_label": "django_cc", "model_name": "apiaccess", "field_name": "client"}
    return browser.get(reverse("admin:autocomplete"), {**asked, "term": term}, secure=True)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("parameter", ["q", "status", "event__exact", "unknown", "o"])
def test_no_list_repeats_a_secret_in_its_address(
    root: Client, model: type[models.Model], parameter: str
) -> None:
    secret = register().client_secret

    answer = visit(root, model, **{parameter: f" {secret}"})
    after = visit(root, model).content.decode()

    assert answer.status_code == 302
    assert secret not in answer["Location"]
    assert "That looks like a client secret. It is now in this server" in after
    assert secret not in after


def test_whom_identify_is_closed_to_is_not_led_there(client: Client, db: None) -> None:
    client.force_login(create_user("ida", "view_auditevent"))

    visit(client, AuditEvent, q=register().client_secret)

    text = visit(client, AuditEvent).content.decode()
    assert "have it rotated" in text
    assert reverse("admin:django_cc_machineclient_identify") not in text
