"""Signing keys in the console: their life on one page, and nothing private anywhere."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_cc.authorization_server.signing_keys.life_cycle import State
from django_cc.authorization_server.signing_keys.rotation import (
    ensure_signing_key,
    rotate_signing_key,
)
from django_cc.models import AuditEvent, SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.console.admin_pages import Pages
from tests.console.console import create_user, read
from tests.machines import ACTOR

pytestmark = pytest.mark.django_db
ACTS = ("ensure", "rotate", "activate_early", "compromise", "retire")


@pytest.fixture
def custodian(db: None) -> Pages:
    """The pages as kim sees them, who looks after the keys."""
    rights = ("view_signingkey", "rotate_signingkey", "retire_signingkey")
    return Pages(create_user("kim", *rights), "signingkey")


def find(state: State) -> SigningKey:
    return SigningKey.objects.get(state=state)


def count_queries(pages: Pages) -> int:
    with CaptureQueriesContext(connection) as queries:
        pages.text("changelist")
    return len(queries)


def args_of(page: str) -> list[int]:
    return [find(State.NEXT).pk] if page == "retire" else []


def test_an_empty_page_says_what_is_missing_and_offers_it(custodian: Pages) -> None:
    text = custodian.text("changelist")

    assert "No signing key: tokens cannot be issued." in text
    assert custodian.url("ensure") in text


def test_creates_the_first_key(custodian: Pages) -> None:
    answer = custodian.submit("ensure", follow=True)

    assert f"Key {find(State.CURRENT).kid} signs now." in read(answer)
    assert SigningKey.objects.count() == 2


def test_shows_every_key_in_the_order_of_its_life(custodian: Pages) -> None:
    ensure_signing_key(ACTOR)
    rotate_signing_key(ACTOR, skip_wait=True)

    text = custodian.text("changelist").split("<tbody>")[1]

    kids = [find(state).kid for state in (State.NEXT, State.CURRENT, State.RETIRING)]
    assert sorted(kids, key=text.index) == kids
    assert "database, encrypted" in text


def test_says_when_the_next_rotation_is_due(custodian: Pages, signing_key: None) -> None:
    text = custodian.text("changelist")

    assert "Next rotation " in text
    assert "(every 90 days)" in text


def test_rotates_once_the_next_key_is_ready(custodian: Pages, signing_key: None) -> None:
    upcoming = find(State.NEXT)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        custodian.browser.force_login(custodian.user)
        offered = custodian.text("changelist")
        custodian.submit("rotate")

    assert custodian.url("rotate") in offered
    assert find(State.CURRENT).kid == upcoming.kid


def test_does_not_rotate_before(custodian: Pages, signing_key: None) -> None:
    current = find(State.CURRENT)

    text = custodian.text("changelist")
    answer = custodian.submit("rotate", follow=True)

    assert "APIs may still cache the old list." in text
    assert custodian.url("rotate") not in text
    assert "will be ready at" in read(answer)
    assert find(State.CURRENT).kid == current.kid


def test_activates_early_where_the_kid_is_typed(custodian: Pages, signing_key: None) -> None:
    upcoming = find(State.NEXT)

    refused = custodian.submit("activate_early", typed="something")
    before = find(State.CURRENT).kid
    custodian.submit("activate_early", typed=upcoming.kid)

    assert "Type exactly:" in read(refused)
    assert before != upcoming.kid
    assert find(State.CURRENT).kid == upcoming.kid


def test_replaces_compromised_keys(custodian: Pages, signing_key: None) -> None:
    current = find(State.CURRENT)

    without_reason = custodian.submit("compromise", typed=current.kid)
    custodian.submit("compromise", typed=current.kid, reason="laptop stolen")

    assert without_reason.status_code == 200
    assert SigningKey.objects.get(pk=current.pk).state == State.RETIRED
    assert find(State.CURRENT).kid != current.kid
    event = AuditEvent.objects.filter(event="signing_key_compromised").first()
    assert event is not None
    assert event.reason == "laptop stolen"


def test_the_key_that_signs_cannot_be_retired(custodian: Pages, signing_key: None) -> None:
    current = find(State.CURRENT)
    fields = {"typed": current.kid, "reason": "tidying"}

    text = custodian.text("changelist")
    answer = custodian.submit("retire", current.pk, follow=True, **fields)

    assert custodian.url("retire", current.pk) not in text
    assert f"The key {current.kid} signs." in read(answer)
    assert find(State.CURRENT).pk == current.pk


def test_retires_a_retiring_key_where_its_kid_is_typed(custodian: Pages, signing_key: None) -> None:
    rotate_signing_key(ACTOR, skip_wait=True)
    key = find(State.RETIRING)

    asked = custodian.text("retire", key.pk)
    custodian.submit("retire", key.pk, typed=key.kid, reason="tidying")

    assert "Tokens that it signed may live until" in asked
    assert SigningKey.objects.get(pk=key.pk).state == State.RETIRED


def test_there_is_no_page_of_a_key_that_is_not_there(custodian: Pages) -> None:
    assert custodian.visit("retire", 999_999).status_code == 302


@pytest.mark.parametrize("page", ["activate_early", "compromise"])
def test_asks_nothing_where_there_is_no_key(custodian: Pages, page: str) -> None:
    assert custodian.visit(page).status_code == 302


def test_shows_exactly_what_is_published(custodian: Pages, signing_key: None) -> None:
    published = Client().get("/oauth/jwks", secure=True).content.decode()

    text = custodian.text("changelist")

    assert f">{published}</pre>" in text


@pytest.mark.parametrize("page", ["changelist", "change", "history", *ACTS])
def test_no_page_has_anything_private(custodian: Pages, signing_key: None, page: str) -> None:
    key = find(State.NEXT)
    args = [key.pk] if page in {"change", "history", "retire"} else []

    text = custodian.text(page, *args)

    stored = bytes(key.encrypted_private_key).decode()
    assert stored[:20] not in text
    for private in ('"d"', '"p"', '"q"', '"dp"', "PRIVATE KEY", "encrypted_private_key"):
        assert private not in text


@pytest.mark.parametrize("page", ACTS)
def test_who_may_only_look_does_nothing(signing_key: None, page: str) -> None:
    pages = Pages(create_user("ben", "view_signingkey"), "signingkey")
    before = list(SigningKey.objects.values("pk", "state"))

    text = pages.text("changelist")
    answer = pages.submit(page, *args_of(page))

    assert answer.status_code == 403
    assert list(SigningKey.objects.values("pk", "state")) == before
    assert pages.url(page, *args_of(page)) not in text
    assert AuditEvent.objects.filter(event="action_denied", detail=page).exists()


@pytest.mark.parametrize("page", ["activate_early", "rotate", "ensure"])
def test_who_may_retire_cannot_rotate(signing_key: None, page: str) -> None:
    pages = Pages(create_user("ben", "view_signingkey", "retire_signingkey"), "signingkey")

    assert pages.submit(page, typed=find(State.NEXT).kid).status_code == 403


def test_who_may_not_look_sees_nothing(signing_key: None) -> None:
    pages = Pages(create_user("ben", "view_machineclient"), "signingkey")

    assert pages.visit("changelist").status_code == 403


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_not_even_a_superuser_edits_a_key(signing_key: None, page: str) -> None:
    pages = Pages(get_user_model().objects.create_superuser("root"), "signingkey")
    args = [] if page == "add" else [find(State.NEXT).pk]

    assert pages.submit(page, *args, post="yes", state="retired").status_code == 403
    assert find(State.NEXT).state == State.NEXT


def test_leaves_keys_of_the_settings_to_the_settings(custodian: Pages, settings: Any) -> None:
    pem = PrivateKey.generate(SigningAlgorithm.ES256).to_pem().decode()
    settings.DJANGO_CC = settings.DJANGO_CC | {"SIGNING_KEYS": [pem]}

    text = custodian.text("changelist")
    answer = custodian.submit("ensure", follow=True)

    assert "whoever edits the settings rotates them" in text
    assert "BEGIN PRIVATE KEY" not in text
    assert custodian.url("rotate") not in text
    assert "The signing keys come from" in read(answer)
    assert not SigningKey.objects.exists()


def test_asks_the_same_questions_for_any_number_of_keys(
    custodian: Pages, signing_key: None
) -> None:
    few = count_queries(custodian)
    for _number in range(10):
        rotate_signing_key(ACTOR, skip_wait=True)

    assert count_queries(custodian) == few
