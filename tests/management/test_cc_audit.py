"""`manage.py cc_audit`: who did what, and why a request was refused."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_cc.models import AuditEvent
from tests.audit_events import REFERENCE, add_event, add_refusal
from tests.machines import Machine

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_audit", *arguments, stdout=output, stderr=StringIO())
    return output.getvalue()


def list_events(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("list", "--json", *arguments))
    return found


def actors(*arguments: str) -> list[str]:
    return [event["actor"] for event in list_events("--event", "client_disabled", *arguments)]


@pytest.fixture
def three_days() -> None:
    """An event of each of three days."""
    for number in range(3):
        add_event(actor=f"day {number}", age=number * DAY + HOUR)


def test_lists_the_newest_first(three_days: None) -> None:
    assert actors() == ["day 0", "day 1", "day 2"]


def test_lists_as_many_as_asked_for_and_says_that_there_are_more(three_days: None) -> None:
    output, errors = StringIO(), StringIO()
    call_command("cc_audit", "list", "--limit", "2", "--json", stdout=output, stderr=errors)

    assert len(json.loads(output.getvalue())) == 2
    assert "more than 2" in errors.getvalue()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--since", "24h"], ["day 0"]),
        (["--until", "1d"], ["day 1", "day 2"]),
        (["--since", "2d", "--until", "1d"], ["day 1"]),
        (["--since", "0"], []),
    ],
    ids=str,
)
def test_lists_a_span_of_time(three_days: None, arguments: list[str], expected: list[str]) -> None:
    assert actors(*arguments) == expected


def test_takes_dates_in_utc_as_it_prints_them(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    midnight = datetime(2026, 1, 31, tzinfo=UTC)
    add_event(actor="before", time=midnight - timedelta(seconds=1))
    add_event(actor="after", time=midnight)

    assert actors("--since", "2026-01-31", "--until", "2026-02-01") == ["after"]
    assert actors("--until", "2026-01-31T09:00:00+09:00") == ["before"]


def test_lists_what_concerns_one_client(machine: Machine) -> None:
    add_event(client_id="another", client_name="Other")

    listed = list_events("--client", machine.client_id)

    assert [event["event"] for event in listed] == ["client_registered"]


def test_lists_what_concerned_a_client_that_is_gone(machine: Machine) -> None:
    call_command("cc_client", "disable", machine.client_id)
    call_command("cc_client", "delete", machine.client_id)

    assert list_events("--client", machine.client_id)[0]["event"] == "client_deleted"


def test_lists_what_was_refused() -> None:
    add_event()
    add_refusal()

    assert [event["event"] for event in list_events("--result", "refused")] == ["token_refused"]


def test_lists_for_people_in_aligned_columns() -> None:
    add_event(client_id="c1", client_name="Billing", reason="leak", age=HOUR)
    add_event("client_enabled", client_id="c1", client_name="Billing", actor="somebody else")

    heading, enabled, disabled = run("list", "--client", "c1").splitlines()

    for name, above, below in (
        ("EVENT", "client_enabled", "client_disabled"),
        ("ACTOR", "somebody else", "tests"),
        ("REASON", "-", "leak"),
    ):
        place = heading.index(name)
        assert enabled[place:].startswith(above)
        assert disabled[place:].startswith(below)


def test_leaves_out_columns_without_a_word() -> None:
    add_event()

    assert "REFERENCE" not in run("list")


def test_says_so_where_nothing_fits() -> None:
    assert "No event fits." in run("list", "--event", "api_deleted")


def test_lets_no_name_move_the_cursor() -> None:
    add_event(actor="eve\x1b[2J\nroot", client_id="c1", client_name="\x9bK")

    printed = run("list", "--event", "client_disabled")

    assert "\x1b" not in printed
    assert "\x9b" not in printed
    assert len(printed.splitlines()) == 2


def test_explains_the_refusal_with_that_reference() -> None:
    add_refusal("expired_secret", reference="another")
    add_refusal("wrong_secret", client_id="c1", client_name="Billing", address="192.0.2.7")

    printed = run("list", "--reference", REFERENCE)

    assert "192.0.2.7" in printed
    assert "The client secret was none of any client's" in printed
    assert "expired_secret" not in printed


def test_explains_the_refusal_to_programs() -> None:
    add_refusal("wrong_secret")

    [event] = list_events("--reference", REFERENCE)

    assert event["reason"] == "wrong_secret"
    assert event["explanation"].startswith("The client secret was none")


def test_says_where_else_to_look_for_a_reference() -> None:
    with pytest.raises(
        CommandError, match=r"“none”.*503s are in the log only.*the log of django_cc"
    ):
        run("list", "--reference", "none")


WRONG = {
    "unknown client": (["--client", "nobody"], r"“nobody”. There are: \w+ \(Billing sync\)"),
    "no client": (["--client", ""], "Neither an event nor a machine client"),
    "unknown event": (["--event", "party"], "no event “party”. There are: client_registered, "),
    "unknown result": (["--result", "party"], "done.*refused"),
    "no time": (["--since", "yesterday"], "write 7d for seven days ago, or 2027-01-31"),
    "before all time": (["--since", "999999d"], "write 7d"),
    "after all time": (["--until", "0001-01-01T00:00+14:00"], "write 7d"),
    "span turned round": (["--since", "1d", "--until", "2d"], "later than the beginning"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize(
    "action", [["list"], ["export", "--format", "csv"]], ids=["list", "export"]
)
def test_refuses_with_what_there_is(
    machine: Machine, action: list[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run(*action, *arguments)


def test_says_that_there_is_no_client_yet() -> None:
    with pytest.raises(CommandError, match="There is no machine client yet"):
        run("list", "--client", "nobody")


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1000000"])
def test_refuses_a_limit_that_is_none(limit: str) -> None:
    with pytest.raises(CommandError, match="write a number from 1 to"):
        run("list", "--limit", limit)


def test_exports_json_lines_oldest_first(three_days: None) -> None:
    lines = run("export", "--format", "jsonl", "--event", "client_disabled").splitlines()

    events = [json.loads(line) for line in lines]
    assert [event["actor"] for event in events] == ["day 2", "day 1", "day 0"]
    assert events == list(reversed(list_events("--event", "client_disabled")))


def test_exports_csv_with_a_header(three_days: None) -> None:
    text = run("export", "--format", "csv", "--since", "24h", "--event", "client_disabled")

    [row] = csv.DictReader(StringIO(text, newline=""))
    assert (row["event"], row["actor"], row["reference"]) == ("client_disabled", "day 0", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"], ids=ascii)
def test_exports_nothing_that_a_spreadsheet_computes(start: str) -> None:
    formula = f'{start}HYPERLINK("https://evil.example","look, here")'
    add_event(client_name=formula, client_id="c1", reason=formula)

    text = run("export", "--format", "csv", "--client", "c1")

    [row] = csv.DictReader(StringIO(text, newline=""))
    assert (row["client_name"], row["reason"]) == (f"'{formula}", f"'{formula}")


def test_exports_to_a_new_file_for_its_owner_alone(three_days: None, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"

    run("export", "--format", "jsonl", "--output", str(file))

    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text().splitlines()) == AuditEvent.objects.count()


@pytest.mark.parametrize("link", [False, True], ids=["a file", "a link to one"])
def test_overwrites_no_file(tmp_path: Path, *, link: bool) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("precious")
    target = tmp_path / "link"
    target.symlink_to(file)

    with pytest.raises(CommandError, match="exists already"):
        run("export", "--format", "jsonl", "--output", str(target if link else file))

    assert file.read_text() == "precious"


def test_says_that_a_file_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        run("export", "--format", "csv", "--output", str(tmp_path / "no" / "events.csv"))


def test_makes_no_file_for_a_search_that_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"

    with pytest.raises(CommandError, match="no event"):
        run("export", "--format", "csv", "--event", "party", "--output", str(file))

    assert not file.exists()


def test_leaves_no_half_of_a_file(
    three_days: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "events.csv"

    def fail(*_arguments: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("django_cc.authorization_server.audit.export.describe", fail)
    with pytest.raises(ConnectionError):
        run("export", "--format", "csv", "--output", str(file))

    assert not file.exists()


def test_streams_any_number_of_events_and_says_how_far_it_is() -> None:
    rows = [AuditEvent(event="client_updated", actor_kind="command") for _ in range(10_001)]
    AuditEvent.objects.bulk_create(rows)
    output, errors = StringIO(), StringIO()

    with CaptureQueriesContext(connection) as queries:
        call_command("cc_audit", "export", "--format", "csv", stdout=output, stderr=errors)

    assert len(output.getvalue().splitlines()) > 10_001
    assert "10,000 events so far" in errors.getvalue()
    assert len(queries) <= 1  # PostgreSQL's cursor on the server is not counted at all
