"""Whatever is done, the audit trail tells: each event there is, by the act that records it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import Client as HTTPClient
from django.urls import reverse
from django.utils import timezone

from django_cc.authorization_server.adoption.adopting import adopt_planned
from django_cc.authorization_server.adoption.plan import AdoptionRules, plan_adoption
from django_cc.authorization_server.adoption.proposals import ScopeRules
from django_cc.authorization_server.adoption.reverting import revert_adoption
from django_cc.authorization_server.apis.api_editing import create_api, delete_api, update_api
from django_cc.authorization_server.apis.scope_choice import choose_scopes, find_api
from django_cc.authorization_server.apis.scope_editing import (
    create_scope,
    delete_scope,
    update_scope,
)
from django_cc.authorization_server.apis.synchronisation import synchronise_apis
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.access import grant_access, revoke_access
from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.introspection import (
    allow_introspection,
    deny_introspection,
)
from django_cc.authorization_server.clients.keys import add_key, revoke_key
from django_cc.authorization_server.clients.registration import (
    Registration,
    register_client,
    register_client_with_keys,
)
from django_cc.authorization_server.clients.replacement import replace_lost_secret
from django_cc.authorization_server.clients.secrets import (
    create_secret,
    default_expiry,
    find_secret,
    revoke_secret,
    rotate_secret,
    update_secret,
)
from django_cc.authorization_server.clients.state import (
    disable_client,
    enable_client,
    revoke_tokens,
)
from django_cc.authorization_server.identification.identifying import identify
from django_cc.authorization_server.pruning import prune
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.sight import Sight
from django_cc.authorization_server.signing_keys.compromise import replace_compromised_keys
from django_cc.authorization_server.signing_keys.retirement import retire_key
from django_cc.authorization_server.signing_keys.rewrapping import rewrap_keys
from django_cc.authorization_server.signing_keys.rotation import (
    ensure_signing_key,
    rotate_signing_key,
)
from django_cc.authorization_server.snapshot.loading import load_snapshot
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.token_trial import (
    ClientSecretCredential,
    Origin,
    Sender,
    try_token_request,
)
from django_cc.authorization_server.tokens.revocation import revoke_token
from django_cc.authorization_server.toolkit.adoption_candidates import Selection
from django_cc.models import API, AuditEvent, ClientKey, MachineClient, Scope, SigningKey
from django_cc.protocol.secret_text import SecretText
from tests.applications import create_application
from tests.audit_events import add_event
from tests.machines import ACTOR, Machine, register
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.django_db


def scopes(*names: str) -> Any:
    return choose_scopes(list(names))


def live_secret(machine: Machine) -> Any:
    return find_secret(machine.row, None)


def own(machine: Machine, actor: Actor) -> Machine:
    MachineClient.objects.update(registered_by=actor.user)
    machine.row.refresh_from_db()
    return machine


def enable_again(machine: Machine, actor: Actor) -> None:
    disable_client(machine.row, ACTOR)
    enable_client(machine.row, actor)


def delete_disabled(machine: Machine, actor: Actor) -> None:
    disable_client(machine.row, ACTOR)
    delete_client(machine.row, actor)


SIGNED = MachineClient.Authentication.PRIVATE_KEY_JWT


def give_key(machine: Machine, actor: Actor) -> ClientKey:
    return add_key(machine.row, private_key().public_jwk(), actor)


def sign_from_now_on(machine: Machine, actor: Actor) -> None:
    give_key(machine, ACTOR)
    change_authentication(machine.row, SIGNED, actor)


def orders() -> API:
    return find_api("https://orders.example.com")


def deny_allowed_introspection(machine: Machine, actor: Actor) -> None:
    allow_introspection(orders(), machine.row, ACTOR)
    deny_introspection(orders(), machine.row, actor)


ACTS: dict[str, Callable[[Machine, Actor], Any]] = {
    "access_granted": lambda m, actor: grant_access(m.row, scopes("billing:read"), actor),
    "access_revoked": lambda m, actor: revoke_access(m.row, scopes("orders:read"), actor),
    "client_disabled": lambda m, actor: disable_client(m.row, actor, reason="leak"),
    "client_enabled": enable_again,
    "client_deleted": delete_disabled,
    "tokens_revoked": lambda m, actor: revoke_tokens(m.row, actor, reason="leak"),
    "secret_created": lambda m, actor: create_secret(m.row, actor, expires_at=default_expiry()),
    "secret_rotated": lambda m, actor: rotate_secret(
        live_secret(m), actor, overlap=get_settings().rotation_overlap, expires_at=default_expiry()
    ),
    "secret_updated": lambda m, actor: update_secret(
        live_secret(m),
        actor,
        note="vault",
        expires_at=live_secret(m).created_at + timedelta(days=9),
    ),
    "secret_revoked": lambda m, actor: revoke_secret(live_secret(m), actor, reason="leak"),
    "secret_replaced": lambda m, actor: replace_lost_secret(own(m, actor).row, actor),
    "introspection_allowed": lambda m, actor: allow_introspection(orders(), m.row, actor),
    "introspection_denied": deny_allowed_introspection,
    "client_updated": lambda m, actor: update_client(m.row, Changes(description="New"), actor),
    "key_added": give_key,
    "key_revoked": lambda m, actor: revoke_key(give_key(m, ACTOR), actor, reason="leak"),
    "authentication_changed": sign_from_now_on,
    "token_revoked": lambda m, actor: revoke_token(
        "an-id", actor, expires_at=timezone.now(), client=m.row, reason="leak"
    ),
}
WITH_A_REASON = {
    "client_disabled",
    "tokens_revoked",
    "token_revoked",
    "secret_revoked",
    "key_revoked",
}


@pytest.fixture
def ana(django_user_model: Any) -> Actor:
    """Ana at her desk."""
    return Actor.for_user(django_user_model.objects.create_user("ana"), address="192.0.2.7")


@pytest.mark.parametrize("name", ACTS)
def test_every_change_to_a_client_is_recorded(machine: Machine, ana: Actor, name: str) -> None:
    ACTS[name](machine, ana)

    [event] = AuditEvent.objects.filter(actor="ana")
    assert event.event == name
    assert (event.actor_kind, event.address) == ("user", "192.0.2.7")
    assert (event.client_id, event.client_name) == (machine.client_id, machine.row.name)
    assert event.result == "done"
    assert event.reason == ("leak" if name in WITH_A_REASON else "")


STOCK = "https://stock.example.com"


def stock() -> API:
    return create_api(STOCK, ACTOR, name="Stock")


def stock_scope() -> Scope:
    return create_scope(stock(), "stock:read", ACTOR)


def rotate(actor: Actor) -> None:
    ensure_signing_key(ACTOR)
    rotate_signing_key(actor, skip_wait=True)


def retire(actor: Actor) -> None:
    rotate(ACTOR)
    retire_key(SigningKey.objects.get(state="retiring").kid, actor, force=True)


def compromise(actor: Actor) -> None:
    ensure_signing_key(ACTOR)
    replace_compromised_keys(actor, reason="leak")


def rewrap(actor: Actor) -> None:
    ensure_signing_key(ACTOR)
    rewrap_keys(actor)


def prune_the_trail(actor: Actor) -> None:
    add_event(age=timedelta(days=4000))
    prune(actor, batch_size=500)


def adopt(actor: Actor) -> MachineClient:
    create_application()
    rules = AdoptionRules(ScopeRules(), since=timezone.now())
    (planned,) = plan_adoption(Selection(), rules, batch_size=10)
    (client,) = adopt_planned(planned, actor).clients
    return client


def find_out(actor: Actor) -> None:
    sight = Sight(MachineClient.objects.all(), everything=True)
    identify(SecretText(register().client_secret), sight, actor, now=timezone.now())


def try_request(actor: Actor) -> None:
    machine = register()
    ensure_signing_key(ACTOR)
    secret = ClientSecretCredential(SecretText(machine.client_secret))
    try_token_request(machine.row, secret, Sender(actor, Sight.of_operators()), origin=Origin())


def forge_disabling(actor: Actor) -> None:
    get_user_model().objects.filter(username=actor.name).update(is_staff=True)
    browser = HTTPClient()
    browser.force_login(actor.user)  # type: ignore[arg-type]  # a real user here
    page = reverse("admin:django_cc_machineclient_disable", args=[register().row.pk])
    assert browser.post(page, secure=True).status_code == 403


OTHER_ACTS: dict[str, Callable[[Actor], Any]] = {
    "client_registered": lambda actor: register_client(
        Registration(
            name="Billing sync", scopes=scopes("orders:read"), secret_expires_at=default_expiry()
        ),
        actor,
    ),
    "apis_configured": lambda actor: synchronise_apis([], actor),
    "api_created": lambda actor: create_api(STOCK, actor),
    "api_updated": lambda actor: update_api(stock(), actor, name="Stores"),
    "api_deleted": lambda actor: delete_api(stock(), actor),
    "scope_created": lambda actor: create_scope(stock(), "stock:read", actor),
    "scope_updated": lambda actor: update_scope(stock_scope(), actor, description="See it"),
    "scope_deleted": lambda actor: delete_scope(stock_scope(), actor),
    "signing_key_created": ensure_signing_key,
    "signing_key_rotated": rotate,
    "signing_key_retiring": rotate,
    "signing_key_retired": retire,
    "signing_key_compromised": compromise,
    "signing_keys_rewrapped": rewrap,
    "audit_pruned": prune_the_trail,
    "client_adopted": adopt,
    "credential_identified": find_out,
    "token_tested": try_request,
    "action_denied": forge_disabling,
    "adoption_reverted": lambda actor: revert_adoption(adopt(actor), actor),
}


@pytest.mark.parametrize("name", OTHER_ACTS)
def test_every_other_change_is_recorded(ana: Actor, name: str) -> None:
    OTHER_ACTS[name](ana)

    assert name in set(AuditEvent.objects.filter(actor="ana").values_list("event", flat=True))


def test_nothing_can_be_recorded_that_is_not_tested_here() -> None:
    elsewhere = {"token_refused", "action_denied"}  # in test_refusals.py, and of the console

    assert {*ACTS, *OTHER_ACTS, *elsewhere} == set(AuditEvent.Event.values)


def test_a_changed_secret_tells_what_changed_and_no_note(machine: Machine) -> None:
    secret = live_secret(machine)
    before, end = secret.expires_at, secret.created_at + timedelta(days=9)

    update_secret(secret, ACTOR, note="vault", expires_at=end)
    update_secret(live_secret(machine), ACTOR, note="vault/2", expires_at=end)

    first, second = AuditEvent.objects.filter(event="secret_updated").order_by("pk")
    ends = f"{write_timestamp(before)} → {write_timestamp(end)}"
    assert first.detail == f"{secret}; expires: {ends}; note changed"
    assert second.detail == f"{secret}; note changed"


def test_a_registration_names_the_owner(ana: Actor) -> None:
    register(scopes=("orders:read",), owner=ana.user)

    detail = AuditEvent.objects.get(event="client_registered").detail
    assert detail.startswith("owner ana; + orders:read; secret ")


def test_a_client_is_enabled_for_a_reason(machine: Machine) -> None:
    disable_client(machine.row, ACTOR)

    enable_client(machine.row, ACTOR, reason="false alarm")

    assert AuditEvent.objects.get(event="client_enabled").reason == "false alarm"


def test_a_client_is_not_enabled_for_a_reason_that_cannot_be_stored(machine: Machine) -> None:
    disable_client(machine.row, ACTOR)

    with pytest.raises(ValidationError):
        enable_client(machine.row, ACTOR, reason="x" * 256)

    machine.row.refresh_from_db()
    assert not machine.row.is_enabled


def test_a_registration_names_its_client(db: None) -> None:
    machine = register()

    event = AuditEvent.objects.get(event="client_registered")
    assert (event.client_id, event.client_name) == (machine.client_id, machine.row.name)
    assert event.actor == ACTOR.name


def test_a_registration_tells_what_was_granted_and_which_secret_was_made(db: None) -> None:
    machine = register(scopes=("orders:read", "billing:read"))

    detail = AuditEvent.objects.get(event="client_registered").detail
    assert detail == f"+ billing:read, orders:read; secret {live_secret(machine)}"
    assert machine.client_secret not in detail


def test_a_registration_with_keys_tells_which(db: None) -> None:
    registration = Registration(name="Signer", scopes=scopes("orders:read"))

    register_client_with_keys(registration, [private_key().public_jwk()], ACTOR)

    kid = private_key().public_jwk()["kid"]
    detail = AuditEvent.objects.get(event="client_registered").detail
    assert detail == f"+ orders:read; private_key_jwt {kid}"


@pytest.mark.parametrize("name", ACTS)
def test_every_change_to_a_client_is_published(machine: Machine, ana: Actor, name: str) -> None:
    before = load_snapshot("default")

    ACTS[name](machine, ana)

    assert load_snapshot("default").revision > before.revision


@pytest.mark.parametrize("act", [delete_scope, None], ids=["scope", "API"])
def test_the_end_of_what_is_offered_is_published(ana: Actor, act: Any) -> None:
    scope = stock_scope()
    before = load_snapshot("default")

    if act is None:
        delete_api(scope.api, ana)
    else:
        act(scope, ana)

    after = load_snapshot("default")
    assert after.revision > before.revision
    assert "stock:read" not in after.scopes_by_api.get(STOCK, ())


def test_an_actor_cannot_forge_a_line_of_the_log() -> None:
    actor = Actor.for_command("cc_client (alice\n2026-11-23 INFO django_cc.audit: by root)" * 9)

    assert actor.name.isprintable()
    assert len(actor.name) == 255
