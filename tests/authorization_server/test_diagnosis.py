"""A refusal is explained by what came, and what is said of it is true."""

import base64
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server import recording
from django_cc.authorization_server.clients.secrets import revoke_secret
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals.diagnosis import diagnose
from django_cc.authorization_server.refusals.writing import write_refusals
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import AuditEvent, UsageHour
from tests.machines import ACTOR, Machine, TokenEndpoint, basic, encode, read_json, register

pytestmark = pytest.mark.django_db

WRONG = "dccs_" + "A" * 49
NOTHING_SENT = (
    "The request had neither client ID nor secret: are CC_CLIENT_ID and CC_CLIENT_SECRET set "
    "where the program runs?"
)
NO_SECRET = (
    "The client secret was empty or missing: is CC_CLIENT_SECRET set where the program runs?"
)
A_NAME = "The name of the variable was sent, not its value"


def by_basic(client_id: str, secret: str) -> AuditEvent:
    """Return the event of a request that HTTP Basic carried its credentials to."""
    return find_event(TokenEndpoint().post(authorization=basic(client_id, secret)))


def by_body(**credentials: str) -> AuditEvent:
    """Return the event of a request with its credentials in the body."""
    form = {"grant_type": "client_credentials", **credentials}
    return find_event(TokenEndpoint().post(encode(form)))


def find_event(answer: Any) -> AuditEvent:
    write_down()
    found = re.search(r"\(reference (\w{16})\)", read_json(answer)["error_description"])
    assert found is not None
    return AuditEvent.objects.get(reference=found[1])


@pytest.mark.usefixtures("signing_key")
@pytest.mark.parametrize("blank", ["", " "])
def test_knows_a_request_with_neither_id_nor_secret(blank: str) -> None:
    events = [by_basic(blank, blank), by_body(client_id="", client_secret=""), by_body()]

    assert {(event.reason, event.detail) for event in events} == {("no_credentials", NOTHING_SENT)}


def test_knows_an_empty_secret(signing_key: None, machine: Machine) -> None:
    events = [
        by_basic(machine.client_id, ""),
        by_body(client_id=machine.client_id, client_secret=""),
        by_body(client_id=machine.client_id),
    ]

    assert {(event.reason, event.detail, event.client_id) for event in events} == {
        ("no_credentials", NO_SECRET, machine.client_id)
    }


def test_an_unknown_client_stays_unknown_when_its_secret_is_empty(signing_key: None) -> None:
    event = by_basic("nobody", "")

    assert (event.reason, event.detail) == ("unknown_client", NO_SECRET)


@pytest.mark.parametrize("transport", ["basic", "body"])
def test_knows_whose_secret_came_without_an_id(
    signing_key: None, machine: Machine, transport: str
) -> None:
    if transport == "basic":
        event = by_basic("", machine.client_secret)
    else:
        event = by_body(client_secret=machine.client_secret)

    ends = machine.row.secrets.get()
    told = f"The client ID was empty; the secret {ends} is of “Billing sync”."
    assert (event.reason, event.detail) == ("no_credentials", told)
    assert (event.client_id, event.client_name) == (machine.client_id, "Billing sync")


def test_tells_that_the_secret_without_an_id_is_good_no_more(
    signing_key: None, machine: Machine
) -> None:
    revoke_secret(machine.row.secrets.get(), ACTOR)

    detail = by_basic("", machine.client_secret).detail

    assert detail.startswith("The client ID was empty; the secret dccs_")
    assert " was revoked at " in detail


def test_knows_an_empty_id_with_a_secret_of_nobody(signing_key: None) -> None:
    event = by_basic("", WRONG)

    assert (event.reason, event.client_id) == ("no_credentials", "")
    assert "The client ID was empty or missing: is CC_CLIENT_ID set" in event.detail


def test_knows_an_id_and_a_secret_in_each_others_place(signing_key: None, machine: Machine) -> None:
    event = by_basic(machine.client_secret, machine.client_id)

    ends = machine.row.secrets.get()
    told = f"The client ID and the secret were swapped: the secret {ends} is of “Billing sync”."
    assert (event.reason, event.detail) == ("not_a_secret", told)
    assert event.client_id == machine.client_id


@pytest.mark.parametrize("other", ["something", "", "a" * 24])
def test_does_not_call_swapped_what_is_not(signing_key: None, machine: Machine, other: str) -> None:
    event = by_basic(machine.client_secret, other)

    ends = machine.row.secrets.get()
    told = f"The secret {ends} of “Billing sync” came in the place of the client ID."
    assert (event.reason, event.detail) == ("unknown_client", told)


def test_knows_a_secret_of_nobody_in_the_place_of_the_id(signing_key: None) -> None:
    deleted = register("Gone")
    deleted.row.delete()

    event = by_basic(deleted.client_secret, "something")

    assert event.reason == "unknown_client"
    assert event.detail == "A client secret came in the place of the client ID."


@pytest.mark.parametrize(
    "sent", ["$CC_CLIENT_SECRET", "${CC_CLIENT_SECRET}", "CC_CLIENT_SECRET", "%CC_CLIENT_SECRET%"]
)
def test_knows_the_name_of_a_variable(signing_key: None, machine: Machine, sent: str) -> None:
    event = by_body(client_id=machine.client_id, client_secret=sent)

    assert event.reason == "not_a_secret"
    assert event.detail == f"{A_NAME}, in place of the client secret."


def test_knows_the_names_of_both_variables(signing_key: None) -> None:
    event = by_body(client_id="$CC_CLIENT_ID", client_secret="$CC_CLIENT_SECRET")

    assert event.reason == "not_a_secret"
    assert event.detail == f"{A_NAME}, in place of the client ID and secret."


def test_knows_the_name_of_a_variable_in_place_of_the_id(
    signing_key: None, machine: Machine
) -> None:
    event = by_basic("CC_CLIENT_ID", machine.client_secret)

    assert (event.reason, event.client_id) == ("unknown_client", machine.client_id)
    assert event.detail.startswith(f"{A_NAME}, in place of the client ID. The secret dccs_")


@pytest.mark.parametrize("sent", ["$", "$ecret!", "my CC_CLIENT_SECRET", "pa$$word"])
def test_takes_no_password_for_the_name_of_a_variable(
    signing_key: None, machine: Machine, sent: str
) -> None:
    event = by_basic(machine.client_id, sent)

    assert (event.reason, event.detail) == ("wrong_secret", "")


def test_shows_the_owner_of_a_secret_what_came_with_an_id_of_nobody(
    signing_key: None, machine: Machine
) -> None:
    event = by_basic("nobody", machine.client_secret)

    assert (event.reason, event.client_id) == ("secret_of_another_client", machine.client_id)
    assert event.detail == (
        f"The secret {machine.row.secrets.get()} is of “Billing sync”; "
        "the client ID was none that is registered."
    )


def test_a_client_with_another_method_keeps_that_reason(
    signing_key: None, machine: Machine
) -> None:
    machine.row.authentication = "private_key_jwt"
    with transaction.atomic():
        machine.row.save()
        publish(machine.row)

    event = by_basic(machine.client_id, "")

    assert (event.reason, event.detail) == ("method_not_allowed", NO_SECRET)


@pytest.mark.parametrize("place", ["id", "secret"])
def test_keeps_nothing_of_what_came(
    signing_key: None, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    caplog.set_level("DEBUG")
    sent = {"id": ("hunter2hunter2hunter2hunt", ""), "secret": ("", "$hunter2hunter2")}[place]

    by_basic(*sent)

    rows = [*AuditEvent.objects.values(), *UsageHour.objects.values()]
    assert "hunter2" not in repr(rows)
    assert "hunter2" not in caplog.text


def test_keeps_no_text_in_memory_that_is_none_of_our_formats(signing_key: None) -> None:
    pair = base64.b64encode(b"Summer2026!:Winter2026!").decode()
    TokenEndpoint().post(authorization=f"Basic {pair}")
    [refusal] = recording._refusals.take()

    assert refusal.evidence is not None
    kept = [getattr(refusal.evidence, name) for name in refusal.evidence.__slots__]
    assert not {"Summer2026!", "Winter2026!"} & {
        one.reveal() if hasattr(one, "reveal") else one for one in kept
    }


def test_counts_what_the_trail_tells(signing_key: None, machine: Machine) -> None:
    other = register("Other")
    by_basic(machine.client_id, other.client_secret)
    by_basic("", machine.client_secret)
    by_basic(machine.client_id, WRONG)

    counted = {
        (row.client_id, row.reason): row.count for row in UsageHour.objects.filter(count__gt=0)
    }
    assert counted == {
        (machine.client_id, "secret_of_another_client"): 1,
        (machine.client_id, "no_credentials"): 1,
        (machine.client_id, "wrong_secret"): 1,
    }


def test_counts_once_what_could_not_be_written_at_first(
    signing_key: None, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = base64.b64encode(f":{machine.client_secret}".encode()).decode()
    for _time in range(2):
        TokenEndpoint().post(authorization=f"Basic {pair}")

    def fail(_rows: object) -> None:
        raise ValueError("unexpected")

    with monkeypatch.context() as patch:
        patch.setattr(recording, "write_refusals", fail)
        with pytest.raises(ValueError, match="unexpected"):
            write_down()
    write_down()

    assert list(UsageHour.objects.values_list("reason", "count")) == [("no_credentials", 2)]
    assert AuditEvent.objects.filter(reason="no_credentials").count() == 2


def test_counts_what_is_over_the_cap_by_the_reason_known_at_once(
    signing_key: None, machine: Machine
) -> None:
    other = register("Other")
    pair = base64.b64encode(f"{machine.client_id}:{other.client_secret}".encode()).decode()
    for _time in range(14):
        TokenEndpoint().post(authorization=f"Basic {pair}")
    write_down()

    assert dict(UsageHour.objects.values_list("reason", "count")) == {
        "secret_of_another_client": 10,
        "wrong_secret": 4,
    }


def test_asks_no_more_for_many_refusals(signing_key: None, machine: Machine) -> None:
    sent = [("", machine.client_secret), (machine.client_secret, machine.client_id), ("", "")]
    for client_id, secret in sent:
        pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        TokenEndpoint().post(authorization=f"Basic {pair}")
    refusals = recording._refusals.take()

    with CaptureQueriesContext(connection) as queries:
        write_refusals(diagnose(refusals))

    asked = [query for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == 3
