"""Every page of the console, each with a function that brings a visitor there."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.authorization_server.apis.scope_editing import create_scope
from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secrets import (
    create_secret,
    revoke_secret,
    rotate_secret,
)
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.signing_keys.retirement import retire_key
from django_cc.authorization_server.signing_keys.rotation import (
    ensure_signing_key,
    rotate_signing_key,
)
from django_cc.models import ClientSecret, MachineClient, SigningKey, UsageHour
from tests.assertions import new_key
from tests.audit_events import add_refusal
from tests.browser.visitor import Visitor, the_client
from tests.console.pasted_keys import to_public_pem
from tests.machines import ACTOR, Machine, register

LONG_NAME = "Nightly reconciliation of invoices and orders (production, eu-central)"


def open_list(visitor: Visitor) -> None:
    """Go to a list with every status in it."""
    register_one_of_each()
    visitor.visit("changelist")


def open_empty_list(visitor: Visitor) -> None:
    visitor.visit("changelist")


def open_form(visitor: Visitor) -> None:
    visitor.visit("add")


def open_form_with_errors(visitor: Visitor) -> None:
    """Go to a form refused for its name and its missing scopes."""
    visitor.register()
    visitor.fill_in()
    visitor.page.get_by_label("orders:read").uncheck()
    visitor.save()


def open_show_once(visitor: Visitor) -> None:
    visitor.register(LONG_NAME)


def open_all_of_show_once(visitor: Visitor) -> None:
    """Go to the page with the secret and unfold everything on it."""
    visitor.register()
    for details in visitor.page.locator("details").all():
        if details.get_attribute("open") is None:
            details.locator("summary").click()


def open_repetition(visitor: Visitor) -> None:
    visitor.register()
    visitor.page.reload()


def open_client(visitor: Visitor) -> None:
    visitor.visit("change", register_long().row.pk)


def open_disabled_client(visitor: Visitor) -> None:
    machine = register_long()
    disable_client(machine.row, ACTOR, reason="Its secret was in a log that many can read.")
    visitor.visit("change", machine.row.pk)


def open_used_client(visitor: Visitor) -> None:
    """Go to a client with figures, and a badge for everything that stands out."""
    client = register_long().row
    owner = get_user_model().objects.create_user("ben", is_active=False)
    MachineClient.objects.filter(pk=client.pk).update(owner=owner, managed_by="adopted")
    client.secrets.update(last_used_at=timezone.now(), last_used_address="10.2.0.7")
    count_requests(client)
    visitor.visit("change", client.pk)


def open_bulk_confirmation(visitor: Visitor) -> None:
    """Go to the question whether to kill the tokens of several clients."""
    open_list(visitor)
    for box in visitor.page.locator("input.action-select").all():
        box.check()
    visitor.page.get_by_label("Action:").select_option("revoke_all_tokens")
    visitor.press("Go")


def open_delete_confirmation(visitor: Visitor) -> None:
    machine = register_long()
    disable_client(machine.row, ACTOR)
    visitor.visit("delete", machine.row.pk)


def open_activity(visitor: Visitor) -> None:
    """Go to the activity of a client with acts and refusals."""
    machine = register_long()
    disable_client(machine.row, ACTOR, reason="Its secret was in a log that many can read.")
    refused = {"client_id": machine.client_id, "address": "2001:db8::7"}
    add_refusal("expired_secret", **refused, detail="The secret dccs_a1b2…9zQx expired.")
    add_refusal("client_disabled", **refused)
    visitor.visit("activity", machine.row.pk)


def open_message(visitor: Visitor) -> None:
    """Go to a client with the message that it has just been enabled."""
    open_disabled_client(visitor)
    visitor.visit("enable", the_client().pk)
    visitor.press("Enable")


def open_disable_confirmation(visitor: Visitor) -> None:
    visitor.visit("disable", register_long().row.pk)


def open_enable_confirmation(visitor: Visitor) -> None:
    machine = register()
    disable_client(machine.row, ACTOR)
    visitor.visit("enable", machine.row.pk)


def open_key_form_with_errors(visitor: Visitor) -> None:
    """Go to a form of a client that signs, refused for a private key."""
    visitor.visit("add")
    visitor.page.get_by_label("Name:").fill("Billing sync")
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label("Public key").fill(new_key().to_pem().decode())
    visitor.page.locator("summary", has_text="Limits").click()
    visitor.page.get_by_label("Allowed networks").fill("10.0.0.1/33")
    visitor.save()


def open_signer_registered(visitor: Visitor) -> None:
    """Go to the page of a client that was registered by its public key, unfolded."""
    visitor.fill_in(LONG_NAME)
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label("Public key").fill(to_public_pem(new_key()))
    visitor.save()
    for details in visitor.page.locator("details").all():
        if details.get_attribute("open") is None:
            details.locator("summary").click()


def open_credentials(visitor: Visitor) -> None:
    """Go to the credentials of a client with something in every table, during an overlap."""
    machine = register_long()
    client, now = machine.row, timezone.now()
    revoke_secret(create_secret_row(client, note="old cluster"), ACTOR)
    old = client.secrets.earliest("pk")
    rotate_secret(old, ACTOR, overlap=timedelta(hours=24), expires_at=now + timedelta(days=90))
    client.secrets.exclude(pk=old.pk).update(created_at=now - timedelta(minutes=30))
    used = {"last_used_at": now - timedelta(minutes=4), "last_used_address": "10.2.0.7"}
    created = {"created_at": now - timedelta(days=200)}
    client.secrets.filter(pk=old.pk).update(note="vault/billing/prod", **used, **created)
    add_key(client, new_key().public_jwk(), ACTOR, note="HSM 3, slot 2")
    MachineClient.objects.filter(pk=client.pk).update(jwks_uri="https://keys.example.com/jwks")
    visitor.visit("credentials", client.pk)
    visitor.page.locator("summary", has_text="Past secrets").click()


def open_rotation(visitor: Visitor) -> None:
    machine = register_long()
    visitor.visit("rotate_secret", machine.row.pk, machine.row.secrets.get().pk)


def open_key_page_with_errors(visitor: Visitor) -> None:
    visitor.visit("add_key", register_long().row.pk)
    visitor.page.get_by_label("Public key").fill("nonsense")
    visitor.press("Add a public key")


def create_secret_row(client: MachineClient, *, note: str) -> ClientSecret:
    """Give a client one more secret and return its row."""
    create_secret(client, ACTOR, expires_at=timezone.now() + timedelta(days=9), note=note)
    return client.secrets.latest("pk")


def open_dashboard(visitor: Visitor) -> None:
    """Go to a dashboard with something in every panel."""
    register_one_of_each()
    ensure_signing_key(ACTOR)
    for number, client in enumerate(MachineClient.objects.select_related("application")):
        count_requests(client, number)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_dashboard_changelist"))


def open_empty_dashboard(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + reverse("admin:django_cc_dashboard_changelist"))


def open_api_access(visitor: Visitor) -> None:
    """Go to API access with scopes of two APIs and one that was requested."""
    machine = register_long()
    machine.row.access.filter(scope__name="orders:read").update(
        last_requested_on=timezone.now().date()
    )
    visitor.visit("access", machine.row.pk)


def open_limits(visitor: Visitor) -> None:
    """Go to limits with a network that the reader is not in, and an error."""
    machine = register(allowed_networks=["10.0.0.0/8"])
    visitor.visit("limits", machine.row.pk)
    visitor.page.get_by_label("Allowed networks").fill("10.0.0.1/33")
    visitor.press("Save limits")


def open_preview(visitor: Visitor) -> None:
    """Go to the preview of a token, everything unfolded."""
    visitor.visit("try", register().row.pk)
    visitor.page.get_by_text("As JSON").click()


def open_trial(visitor: Visitor) -> None:
    """Go to the answer to a test request."""
    machine = register()
    visitor.visit("try", machine.row.pk)
    visitor.page.get_by_label("Client secret").fill(machine.client_secret)
    visitor.press("Send the test request")


def open_identified_secret(visitor: Visitor) -> None:
    """Go to what is known of a secret that somebody found."""
    machine = register()
    visitor.visit("identify")
    visitor.page.get_by_label("Token, client secret or reference").fill(machine.client_secret)
    visitor.press("Identify")


def open_api(visitor: Visitor) -> None:
    """Go to an API with scopes, which can be edited, and with everything unfolded."""
    api = create_api("https://reports.example.com", ACTOR, name="Reports")
    create_scope(api, "reports:read", ACTOR, description="Read reports")
    create_scope(api, "reports:write", ACTOR, description="Write reports", restricted=True)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_api_change", args=[api.pk]))
    for details in visitor.page.locator("#cc-checking ~ details").all():
        details.locator("summary").click()


def open_introspection(visitor: Visitor) -> None:
    """Go to the page of who may introspect, with one client and one error."""
    api = create_api("https://reports.example.com", ACTOR, name="Reports")
    allow_introspection(api, register_long().row, ACTOR)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_api_introspection", args=[api.pk]))
    visitor.page.get_by_label("Client ID").fill("nobody")
    visitor.press("Allow to introspect")


def open_signing_keys(visitor: Visitor) -> None:
    """Go to keys in every state."""
    for _number in range(2):
        rotate_signing_key(ACTOR, skip_wait=True)
    oldest = SigningKey.objects.filter(state="retiring").earliest("pk")
    retire_key(oldest.kid, ACTOR, force=True)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_signingkey_changelist"))


def open_audit_events(visitor: Visitor) -> None:
    """Go to a trail with a refusal and with events of clients and keys."""
    add_refusal("expired_secret", client_id=register_long().row.client_id, client_name=LONG_NAME)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_auditevent_changelist"))


PAGES: dict[str, Callable[[Visitor], None]] = {
    "list": open_list,
    "empty list": open_empty_list,
    "form": open_form,
    "form with errors": open_form_with_errors,
    "show once": open_show_once,
    "show once, unfolded": open_all_of_show_once,
    "repetition": open_repetition,
    "client": open_client,
    "disabled client": open_disabled_client,
    "used client": open_used_client,
    "bulk confirmation": open_bulk_confirmation,
    "delete confirmation": open_delete_confirmation,
    "activity": open_activity,
    "message": open_message,
    "disable confirmation": open_disable_confirmation,
    "enable confirmation": open_enable_confirmation,
    "API access": open_api_access,
    "limits with an error": open_limits,
    "preview": open_preview,
    "test request": open_trial,
    "identified secret": open_identified_secret,
    "form of keys with errors": open_key_form_with_errors,
    "signer registered": open_signer_registered,
    "credentials": open_credentials,
    "rotation": open_rotation,
    "key with errors": open_key_page_with_errors,
    "dashboard": open_dashboard,
    "empty dashboard": open_empty_dashboard,
    "API": open_api,
    "introspection": open_introspection,
    "signing keys": open_signing_keys,
    "audit events": open_audit_events,
}


def count_requests(client: MachineClient, number: int = 0) -> None:
    """Write figures of a day."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for hours in range(24):
        common = {"hour": now - timedelta(hours=hours), "client_id": client.client_id}
        issued, refused = (hours * 7 + number * 3) % 20, (hours + number) % 4
        UsageHour.objects.create(**common, outcome="issued", api="a", count=issued)
        UsageHour.objects.create(**common, outcome="refused", reason="wrong_secret", count=refused)


def register_long() -> Machine:
    """Register a client with much to show."""
    return register(
        LONG_NAME,
        ["orders:read", "orders:write", "billing:read", "shared:read"],
        description="Compares every invoice with its order.\nAsk the night shift.",
        secret_expires_at=timezone.now() + timedelta(days=9),
    )


def register_one_of_each() -> None:
    """Register a client in every status."""
    register("Billing sync", secret_expires_at=timezone.now() + timedelta(days=90))
    register("Warehouse import", secret_expires_at=timezone.now() - timedelta(days=1))
    register_long()
    disable_client(register("Old reporting job", ["billing:read"]).row, ACTOR)
