"""`manage.py cc_token preview`, `test` and `identify`: what the console shows, in a terminal."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_cc.authorization_server.clients.secrets import find_secret, revoke_secret
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent, UsageHour
from tests.audit_events import REFERENCE, add_refusal
from tests.jwts import read_claims, read_header, with_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, register
from tests.signing_keys import kid_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

CHANGING = {"iat", "exp", "jti"}


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_token", *arguments, stdout=output)
    return output.getvalue()


def run_in_vain(*arguments: str) -> str:
    """Return what an action prints that ends with an error."""
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("cc_token", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """A function that writes a text to a file, for `--from` and `--secret-from`."""

    def write_one(text: str) -> str:
        path = tmp_path / "secret"
        path.write_text(text)
        return str(path)

    return write_one


def test_previews_what_a_real_token_says(machine: Machine, token_endpoint: TokenEndpoint) -> None:
    token = token_endpoint.access_token(machine, scope="orders:read")

    shown = json.loads(run("preview", machine.client_id, "--scope", "orders:read", "--json"))

    real = read_claims(token)
    assert shown["header"] == read_header(token)
    assert shown["claims"].keys() == real.keys()
    assert {name: shown["claims"][name] for name in real.keys() - CHANGING} == {
        name: real[name] for name in real.keys() - CHANGING
    }
    assert shown["claims"]["exp"] - shown["claims"]["iat"] == real["exp"] - real["iat"]


def test_tells_where_each_claim_comes_from(machine: Machine) -> None:
    printed = run("preview", machine.client_id)

    assert "client_generation" in printed
    assert "The identifier of the API." in printed


def test_tells_which_scopes_are_left_out(machine: Machine) -> None:
    asked = ("preview", machine.client_id, "--scope", "orders:read")

    shown = json.loads(run(*asked, "--json"))

    assert shown["left_out"] == [{"scope": "orders:write", "why": "it was not asked for"}]
    assert "Left out: orders:write (it was not asked for)" in run(*asked)


def test_previews_why_a_request_would_be_refused(machine: Machine) -> None:
    shown = json.loads(run_in_vain("preview", machine.client_id, "--scope", "nope", "--json"))

    assert (shown["error"], shown["reason"]) == ("invalid_scope", "scope_not_granted")
    assert [one["scope"] for one in shown["left_out"]] == ["nope"]
    assert "cc_access grant" in run_in_vain("preview", machine.client_id, "--scope", "nope")


def test_a_preview_of_a_client_that_is_not_there_says_so() -> None:
    with pytest.raises(CommandError, match="no machine client"):
        run("preview", "nobody")


def test_sends_a_real_request_with_the_secret_of_a_file(machine: Machine, write: Any) -> None:
    source = write(f"{machine.client_secret}\n")

    shown = json.loads(run("test", machine.client_id, "--secret-from", source, "--json"))

    assert shown["status"] == 200
    assert read_claims(shown["body"]["access_token"]) == shown["claims"]
    assert shown["headers"]["Cache-Control"] == "no-store"


def test_reads_a_secret_from_the_standard_input(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(machine.client_secret))

    printed = run("test", machine.client_id, "--secret-from", "-")

    assert printed.startswith("status 200, ")
    assert machine.client_secret not in printed


def test_says_why_a_test_request_was_refused(machine: Machine, write: Any) -> None:
    revoke_secret(find_secret(machine.row, None), ACTOR)

    printed = run_in_vain("test", machine.client_id, "--secret-from", write(machine.client_secret))

    assert "status 401" in printed
    assert "has been revoked" in printed
    assert "access_token" not in printed


def test_an_assertion_that_is_none_is_refused(machine: Machine, write: Any) -> None:
    printed = run_in_vain("test", machine.client_id, "--assertion-from", write("a.b.c"))

    assert "invalid_client" in printed


def test_a_secret_is_no_argument_of_the_command(machine: Machine) -> None:
    with pytest.raises(CommandError):
        run("test", machine.client_id, machine.client_secret)


@pytest.mark.parametrize("content", ["", " \n", "x" * 70_000])
def test_a_file_that_holds_no_secret_is_refused(machine: Machine, write: Any, content: str) -> None:
    with pytest.raises(CommandError, match=r"is empty|too long"):
        run("test", machine.client_id, "--secret-from", write(content))


def test_a_file_that_is_not_there_is_refused(machine: Machine) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        run("test", machine.client_id, "--secret-from", "/nowhere/at/all")


def test_identifies_a_secret(machine: Machine, write: Any) -> None:
    shown = json.loads(run("identify", "--from", write(machine.client_secret), "--json"))

    assert (shown["kind"], shown["state"]) == ("secret", "live")
    assert shown["client_id"] == machine.client_id
    assert machine.client_secret not in json.dumps(shown)


def test_identifies_a_token_of_a_disabled_client(
    machine: Machine, token_endpoint: TokenEndpoint, write: Any
) -> None:
    token = token_endpoint.access_token(machine)
    disable_client(machine.row, ACTOR)

    printed = run("identify", "--from", write(token))

    assert f"A token of {machine.client_id} (Billing sync) for Orders." in printed
    assert "The client was disabled" in printed


def test_identifies_a_live_token(
    machine: Machine, token_endpoint: TokenEndpoint, write: Any
) -> None:
    source = write(f"Bearer {token_endpoint.access_token(machine)}")

    assert json.loads(run("identify", "--from", source, "--json"))["state"] == "live"
    assert "It lives." in run("identify", "--from", source)


def test_identifies_a_reference_in_a_sentence(machine: Machine, write: Any) -> None:
    add_refusal("wrong_secret", client_id=machine.client_id)
    source = write(f"Client authentication failed. (reference {REFERENCE})")

    shown = json.loads(run("identify", "--from", source, "--json"))

    assert shown["event"]["reference"] == REFERENCE
    assert "wrong_secret" in run("identify", "--from", source)


def test_tells_that_the_key_of_a_token_was_discarded(
    machine: Machine, token_endpoint: TokenEndpoint, write: Any
) -> None:
    source, kid = write(token_endpoint.access_token(machine)), kid_of("current")
    call_command("cc_signing_key", "compromise", "--reason", "leak", stdout=StringIO())

    printed = run("identify", "--from", source)

    assert f"Signed with {kid}, a key that was discarded on 20" in printed
    assert printed.endswith(": refused everywhere.\n")
    shown = json.loads(run("identify", "--from", source, "--json"))
    assert (shown["state"], shown["kid"]) == ("discarded_key", kid)
    assert shown["client_id"] == machine.client_id


@pytest.mark.parametrize("text", ["hello", "0123456789abcdef", "a.b.c"])
def test_says_that_nothing_was_found(write: Any, text: str) -> None:
    assert "It looks like: " in run_in_vain("identify", "--from", write(text))
    assert json.loads(run_in_vain("identify", "--from", write(text), "--json"))["kind"] is None


def test_a_forged_token_is_nobodys(
    machine: Machine, token_endpoint: TokenEndpoint, write: Any
) -> None:
    forged = with_claims(token_endpoint.access_token(machine), scope="orders:write")

    assert "access token" in run_in_vain("identify", "--from", write(forged))


def test_records_that_it_was_asked_without_what_was_asked(machine: Machine, write: Any) -> None:
    run("identify", "--from", write(machine.client_secret))

    event = AuditEvent.objects.get(event="credential_identified")
    assert event.client_id == machine.client_id
    assert machine.client_secret not in event.detail


def test_a_preview_leaves_nothing_behind(machine: Machine) -> None:
    of_client = {"client_id": machine.client_id}
    before = AuditEvent.objects.filter(**of_client).count()

    run("preview", machine.client_id)
    write_down()

    assert AuditEvent.objects.filter(**of_client).count() == before
    assert not UsageHour.objects.filter(**of_client).exists()


def test_a_secret_of_another_client_gets_no_token(machine: Machine, write: Any) -> None:
    other = register("Warehouse import")

    printed = run_in_vain("test", machine.client_id, "--secret-from", write(other.client_secret))

    assert "The client secret is right, but for another client" in printed


def test_identifies_the_first_secret_of_somebody_in_a_file(
    machine: Machine, write: Any, django_user_model: Any
) -> None:
    gone = register("Gone")
    gone.row.delete()
    machine.row.owner = django_user_model.objects.create_user("ana")
    machine.row.save()
    source = write(
        f"OLD={gone.client_secret}\nCC_CLIENT_SECRET='{machine.client_secret}'\n# of {REFERENCE}."
    )

    shown = json.loads(run("identify", "--from", source, "--json"))
    printed = run("identify", "--from", source)

    assert (shown["client_id"], shown["secrets_in_text"]) == (machine.client_id, 2)
    assert (shown["owner"], shown["owning_group"]) == ("ana", None)
    ending = machine.client_secret[-4:]
    for words in (
        "(Billing sync), owner ana: live.",
        "2 client secrets are in the text; this is the first that belongs to a client.",
        f"cc_secret revoke {machine.client_id} --secret {ending}",
        f"cc_client disable {machine.client_id}",
    ):
        assert words in printed
    assert machine.client_secret not in printed


def test_does_not_say_how_to_stop_what_is_stopped(machine: Machine, write: Any) -> None:
    revoke_secret(find_secret(machine.row, None), ACTOR)
    disable_client(machine.row, ACTOR)

    printed = run("identify", "--from", write(machine.client_secret))

    assert "revoked." in printed
    assert "cc_" not in printed


def test_says_what_a_mistyped_secret_may_be(write: Any) -> None:
    printed = run_in_vain("identify", "--from", write("dccs_abc"))

    assert "It begins like a client secret of this server (dccs_…)" in printed
    assert "dccs_abc" not in printed
