"""Threat: whoever finds a secret learns from a client of their own that it works somewhere."""

import re
from collections.abc import Callable
from typing import TypeAlias

import pytest

from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secret_format import generate_secret
from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent, MachineClient
from tests.assertions import new_key
from tests.console.admin_pages import Pages
from tests.console.console import Console, create_user, read
from tests.console.test_dashboard import look
from tests.machines import ACTOR, Machine, TokenEndpoint, register

pytestmark = pytest.mark.usefixtures("signing_key")

RIGHTS = ("view_machineclient", "test_request", "view_auditevent", "view_dashboard")
FOREIGN = ("another client", "secret_of_another", "secret of another", "right, but")
_Look: TypeAlias = Callable[[Console, Machine, str], str]


@pytest.fixture
def ben(db: None) -> Console:
    """The console as ben sees it, who sees his own clients alone."""
    return Console(create_user("ben", *RIGHTS))


@pytest.fixture
def own(ben: Console) -> Machine:
    return register("Own", owner=ben.user)


@pytest.fixture
def foreign(db: None) -> Machine:
    return register("Foreign", owner=create_user("kim"))


def ask(machine: Machine, secret: str) -> AuditEvent:
    """Send a token request of `machine` with a secret; return what is recorded."""
    TokenEndpoint().post(authorization=Machine(machine.row, machine.client_id, secret).basic())
    write_down()
    return AuditEvent.objects.filter(event="token_refused").latest("time")


def see_answer(console: Console, own: Machine, secret: str) -> str:
    text = read(console.submit("try", own.row.pk, secret=secret))
    return text[text.index('id="cc-answer"') : text.index("<h3")]


def see_activity(console: Console, own: Machine, secret: str) -> str:
    ask(own, secret)
    return read(console.visit("activity", own.row.pk))


def see_overview(console: Console, own: Machine, secret: str) -> str:
    ask(own, secret)
    return read(console.visit("change", own.row.pk))


def see_reference(console: Console, own: Machine, secret: str) -> str:
    return read(console.submit("identify", text=ask(own, secret).reference))


def see_events(console: Console, own: Machine, secret: str) -> str:
    ask(own, secret)
    return Pages(console.user, "auditevent").text("changelist")


def see_event(console: Console, own: Machine, secret: str) -> str:
    return Pages(console.user, "auditevent").text("change", ask(own, secret).pk)


def see_dashboard(console: Console, own: Machine, secret: str) -> str:
    ask(own, secret)
    return look(console)


def see_found(console: Console, own: Machine, secret: str) -> str:
    """Return what a search of the trail for the very reason lists."""
    ask(own, secret)
    pages = Pages(console.user, "auditevent")
    text = pages.text("changelist", reason="secret_of_another_client")
    rows = text[text.index("<tbody>") : text.index("</tbody>")]
    return re.sub(r'href="[^"]*"', "", rows)  # they repeat what was asked


LOOKS = (
    see_answer,
    see_activity,
    see_overview,
    see_reference,
    see_events,
    see_event,
    see_dashboard,
    see_found,
)


def without_what_changes(text: str) -> str:
    """Return a page without references, keys, times and form tokens."""
    return re.sub(r"[0-9A-Za-z]{16,}|[0-9.:]+", "*", text)


@pytest.mark.parametrize("looking", LOOKS, ids=lambda looking: looking.__name__)
def test_a_page_shows_the_same_as_for_nobodys_secret(
    ben: Console, own: Machine, foreign: Machine, looking: _Look
) -> None:
    nobodys = looking(ben, own, generate_secret().reveal())

    found = looking(ben, own, foreign.client_secret)

    assert not [words for words in FOREIGN if words in found]
    assert foreign.client_secret[-4:] not in found
    if looking in {see_answer, see_event}:
        assert without_what_changes(found) == without_what_changes(nobodys)


@pytest.mark.parametrize(
    "looking", [see_answer, see_activity, see_reference, see_events, see_event]
)
def test_who_sees_both_clients_is_told(ben: Console, own: Machine, looking: _Look) -> None:
    second = register("Second", owner=ben.user)

    found = looking(ben, own, second.client_secret)

    assert f"…{second.client_secret[-4:]} is another client's." in found


def test_who_sees_every_client_is_told(own: Machine, foreign: Machine) -> None:
    lead = Console(create_user("lead", *RIGHTS, "access_all_clients"))

    assert "is another client's." in see_activity(lead, own, foreign.client_secret)
    assert "secret_of_another_client" in see_found(lead, own, foreign.client_secret)
    assert "secret_of_another_client" in look(lead)


@pytest.mark.parametrize(
    "lookup",
    [
        {"detail__contains": "another"},
        {"reason__startswith": "secret_of"},
        {"reason__in": "secret_of_another_client"},
        {"reason__exact": "secret_of_another_client"},
    ],
    ids=str,
)
def test_the_trail_cannot_be_searched_for_what_is_covered(
    ben: Console, own: Machine, foreign: Machine, lookup: dict[str, str]
) -> None:
    ask(own, foreign.client_secret)

    answer = Pages(ben.user, "auditevent").visit("changelist", **lookup)

    assert answer.status_code == 400


def test_a_client_with_keys_tells_no_more(own: Machine, foreign: Machine, ben: Console) -> None:
    add_key(own.row, new_key().public_jwk(), ACTOR)
    change_authentication(own.row, MachineClient.Authentication.PRIVATE_KEY_JWT, ACTOR)

    nobodys = see_event(ben, own, generate_secret().reveal())
    found = see_event(ben, own, foreign.client_secret)

    assert "method_not_allowed" in found
    assert without_what_changes(found) == without_what_changes(nobodys)


def test_the_trail_itself_keeps_the_diagnosis(own: Machine, foreign: Machine, ben: Console) -> None:
    see_event(ben, own, foreign.client_secret)

    event = AuditEvent.objects.get(event="token_refused")
    assert event.reason == "secret_of_another_client"
    assert event.detail.endswith("is another client's.")
