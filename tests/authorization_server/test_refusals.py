"""Every refused token request has a reference, and behind it a row that tells why."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from django_cc.authorization_server import background, recording
from django_cc.authorization_server.clients.secrets import revoke_secret
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals import buffer
from django_cc.authorization_server.refusals.buffer import Refusal, RefusalBuffer
from django_cc.authorization_server.refusals.diagnosis import diagnose
from django_cc.authorization_server.refusals.evidence import Evidence
from django_cc.authorization_server.settings import Background
from django_cc.models import AuditEvent, UsageHour
from django_cc.protocol.errors import PresentedSecret, RefusalReason
from django_cc.protocol.secret_text import SecretText
from tests.machines import ACTOR, Machine, TokenEndpoint, basic, read_json, register

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
WRONG = "dccs_" + "A" * 49


def refused(endpoint: TokenEndpoint, client_id: str, secret: str) -> AuditEvent:
    """Return the event of a refusal, found by the reference of its answer."""
    answer = endpoint.post(authorization=basic(client_id, secret))
    return find_event(answer)


def find_event(answer: Any) -> AuditEvent:
    write_down()
    reference = read_reference(answer)
    return AuditEvent.objects.get(reference=reference)


def read_reference(answer: Any) -> str:
    found = re.search(r"\(reference ([0-9a-f]{16})\)", read_json(answer)["error_description"])
    assert found is not None
    return found[1]


def test_tells_who_was_refused_when_where_and_why(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    with time_machine.travel(NOON):
        event = refused(token_endpoint, machine.client_id, WRONG)

    assert (event.event, event.result, event.reason) == (
        "token_refused",
        "refused",
        "wrong_secret",
    )
    assert (event.client_id, event.client_name) == (machine.client_id, machine.row.name)
    assert event.address == "127.0.0.1"
    assert abs(event.time - NOON) < timedelta(seconds=1)


def test_tells_of_refusals_after_authentication_too(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answer = token_endpoint.post(
        "grant_type=client_credentials&scope=no", authorization=machine.basic()
    )

    event = find_event(answer)

    assert (event.reason, event.client_id) == ("scope_not_granted", machine.client_id)


IDENTIFIER = "https://orders.example.com"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            "orders:read orders:write",
            "Asked: orders:read orders:write. Not held: orders:write.",
        ),
        ("orders:delete", "Asked: orders:delete. Offered by no API: orders:delete."),
        (
            "orders:write orders:delete",
            "Asked: orders:delete orders:write. Not held: orders:write. "
            "Offered by no API: orders:delete.",
        ),
    ],
    ids=["not held", "unknown", "both"],
)
@pytest.mark.parametrize("resource", ["", f"&resource={IDENTIFIER}"], ids=["", "at an API"])
def test_says_which_scopes_were_asked_for_in_vain(
    token_endpoint: TokenEndpoint,
    caplog: pytest.LogCaptureFixture,
    asked: str,
    expected: str,
    resource: str,
) -> None:
    caplog.set_level("INFO", logger="django_cc")
    machine = register("Reader", scopes=["orders:read"])

    answer = token_endpoint.post(
        f"grant_type=client_credentials&scope={asked.replace(' ', '+')}{resource}",
        authorization=machine.basic(),
    )

    assert find_event(answer).detail == expected
    assert f"{read_reference(answer)}) {expected}" in caplog.text
    assert "orders" not in read_json(answer)["error_description"]


def test_keeps_a_line_of_the_scopes_that_fits_and_no_secret(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    names = [machine.client_secret, "x" * 300, *(f"orders:{number}" for number in range(100))]

    answer = token_endpoint.post(
        f"grant_type=client_credentials&scope={'+'.join(names)}", authorization=machine.basic()
    )

    detail = find_event(answer).detail
    assert machine.client_secret[:12] not in detail
    assert "(a client secret)" in detail
    assert len(detail) <= 255


def test_names_no_client_that_is_not_registered(token_endpoint: TokenEndpoint) -> None:
    event = refused(token_endpoint, "dccs_pasted_in_the_wrong_field", WRONG)

    assert event.reason == "unknown_client"
    assert "dccs_" not in "".join(map(str, vars(event).values()))


def test_recognises_a_revoked_secret(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    secret = machine.row.secrets.get()
    revoke_secret(secret, ACTOR)

    event = refused(token_endpoint, machine.client_id, machine.client_secret)

    assert event.reason == "revoked_secret"
    assert str(secret) in event.detail


def test_recognises_an_expired_secret(token_endpoint: TokenEndpoint) -> None:
    expired = register("Old", secret_expires_at=datetime.now(UTC) - timedelta(days=1))

    event = refused(token_endpoint, expired.client_id, expired.client_secret)

    assert event.reason == "expired_secret"
    assert "expired at" in event.detail


def test_recognises_the_secret_of_another_client(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    other = register("Other")

    event = refused(token_endpoint, machine.client_id, other.client_secret)

    assert event.reason == "secret_of_another_client"
    assert other.client_id not in event.detail


def test_recognises_the_client_id_in_place_of_the_secret(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    assert refused(token_endpoint, machine.client_id, machine.client_id).reason == "not_a_secret"


@pytest.mark.parametrize("blank", [" ", "%0A"], ids=["space", "line break"])
def test_recognises_a_blank_that_was_copied_along(
    token_endpoint: TokenEndpoint, machine: Machine, blank: str
) -> None:
    event = refused(token_endpoint, machine.client_id, machine.client_secret + blank)

    assert event.reason == "secret_with_blanks"
    assert str(machine.row.secrets.get()) in event.detail


def test_recognises_a_revoked_secret_with_a_blank_too(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    revoke_secret(machine.row.secrets.get(), ACTOR)

    event = refused(token_endpoint, machine.client_id, machine.client_secret + " ")

    assert event.reason == "revoked_secret"


def test_names_the_good_secret_of_a_disabled_client(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    disable_client(machine.row, ACTOR)

    event = refused(token_endpoint, machine.client_id, machine.client_secret)

    assert event.reason == "client_disabled"
    assert str(machine.row.secrets.get()) in event.detail


def refuse_new_secret(
    machine: Machine, *, age: timedelta, reason: RefusalReason, client_id: str
) -> Refusal:
    """Return the refusal by a process that did not know the secret, when that was so old."""
    presented = PresentedSecret(
        client_id=SecretText(machine.client_id), secret=SecretText(machine.client_secret)
    )
    at = machine.row.secrets.get().created_at + age
    return Refusal(at, "", reason, client_id, None, Evidence.of(presented))


@pytest.mark.parametrize(
    ("age", "reason"),
    [(timedelta(seconds=9), "secret_not_known_yet"), (timedelta(seconds=11), "wrong_secret")],
)
def test_recognises_a_secret_that_was_too_new_for_the_process(
    machine: Machine, age: timedelta, reason: str
) -> None:
    refusal = refuse_new_secret(
        machine, age=age, reason=RefusalReason.WRONG_SECRET, client_id=machine.client_id
    )

    [diagnosis] = diagnose([refusal])

    assert diagnosis.reason == reason
    assert str(machine.row.secrets.get()) in diagnosis.detail


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(seconds=4), "secret_not_known_yet"),
        (timedelta(hours=1), "secret_of_another_client"),
    ],
)
def test_recognises_a_client_that_was_too_new_for_the_process(
    machine: Machine, age: timedelta, reason: str
) -> None:
    refusal = refuse_new_secret(machine, age=age, reason=RefusalReason.UNKNOWN_CLIENT, client_id="")

    [diagnosis] = diagnose([refusal])

    assert diagnosis.reason == reason


def test_does_not_call_a_new_secret_of_another_client_too_new(machine: Machine) -> None:
    refusal = refuse_new_secret(
        machine,
        age=timedelta(seconds=4),
        reason=RefusalReason.WRONG_SECRET,
        client_id=register("Other").client_id,
    )

    [diagnosis] = diagnose([refusal])

    assert diagnosis.reason == "secret_of_another_client"


def test_keeps_a_capped_number_and_counts_the_rest(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [
            token_endpoint.post(authorization=basic(machine.client_id, WRONG)) for _ in range(14)
        ]
        write_down()

    assert AuditEvent.objects.filter(event="token_refused").count() == 10
    assert UsageHour.objects.get().count == 14
    assert len({read_reference(answer) for answer in answers}) == 14


def test_has_room_again_in_the_next_minute(token_endpoint: TokenEndpoint) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        for _minute in range(2):
            for _ in range(14):
                token_endpoint.post()
            traveller.shift(60)
        write_down()

    assert AuditEvent.objects.filter(event="token_refused").count() == 20


def make(number: int, *, client_id: str | None = None) -> Refusal:
    address = f"10.0.{number // 250}.{number % 250}"
    client_id = f"client {number // 50}" if client_id is None else client_id
    return Refusal(NOON, "", RefusalReason.WRONG_SECRET, client_id, address)


def test_keeps_no_more_in_memory_than_stated() -> None:
    refusals = RefusalBuffer()
    kept = [refusals.add(make(number)) for number in range(buffer.MOST_WAITING + 5)]
    refusals.put_back([make(0)] * 10)

    assert sum(kept) == buffer.MOST_WAITING
    assert len(refusals.take()) == buffer.MOST_WAITING


def test_leaves_room_for_clients_however_many_strangers_fail() -> None:
    refusals = RefusalBuffer()
    strangers = sum(refusals.add(make(number, client_id="")) for number in range(3_000))

    assert strangers == buffer.MOST_OF_ONE_CLIENT
    assert refusals.add(make(1, client_id="a good client"))


def test_takes_the_addresses_of_an_ipv6_host_for_one() -> None:
    refusals = RefusalBuffer()
    addresses = [f"2001:db8::{number + 1:x}" for number in range(30)]

    kept = sum(
        refusals.add(Refusal(NOON, "", RefusalReason.WRONG_SECRET, "one", address))
        for address in addresses
    )

    assert kept == buffer.MOST_OF_ONE_CALLER


def test_makes_no_digest_of_what_is_no_secret_of_ours(
    token_endpoint: TokenEndpoint, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A password in the wrong field could be guessed from its digest.
    token_endpoint.post(authorization=basic(machine.client_id, "Summer2026!"))
    [refusal] = recording._refusals.take()

    assert refusal.evidence is not None
    assert refusal.evidence.digest is None
    assert "Summer" not in repr(refusal)


def test_keeps_what_failed_for_any_reason(
    token_endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = token_endpoint.post(authorization="Basic x")

    def fail(_rows: object) -> None:
        raise ValueError("unexpected")

    with monkeypatch.context() as patch:
        patch.setattr(recording, "write_refusals", fail)
        with pytest.raises(ValueError, match="unexpected"):
            write_down()

    assert find_event(answer).reason == "malformed_credentials"


def test_tells_no_more_callers_apart_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_CALLERS", 3)
    refusals = RefusalBuffer()

    kept = [refusals.add(make(number)) for number in range(5)]

    assert kept == [True, True, True, False, False]
    assert len(refusals._seen) <= 4


@pytest.mark.rfc("6749", "5.2", "The same answer for an unknown client and a wrong secret")
def test_quotes_a_reference_of_one_form_whether_it_is_kept_or_counted(
    token_endpoint: TokenEndpoint,
) -> None:
    answers = [read_json(token_endpoint.post(authorization="Basic x")) for _ in range(12)]

    words = {re.sub("[0-9a-f]{16}", "…", answer["error_description"]) for answer in answers}
    assert len(words) == 1


@pytest.mark.django_db(transaction=True)
def test_keeps_the_row_of_every_replay_whatever_the_project_rolls_back(
    token_endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ATOMIC_REQUESTS rolls back what a refused request wrote.
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    monkeypatch.setattr(background, "get_mode", lambda: Background.REQUEST_FINISHED)
    monkeypatch.setattr(recording._writing, "_interval", lambda: 0)
    monkeypatch.setattr(recording._writing, "_finalizer", object())  # nothing when the run ends

    references = {read_reference(token_endpoint.post(authorization="Basic x")) for _ in range(2)}

    kept = AuditEvent.objects.filter(event="token_refused").values_list("reference", flat=True)
    assert set(kept) == references
