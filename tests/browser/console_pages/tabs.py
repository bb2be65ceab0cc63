"""The tabs of a machine client."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secrets import (
    revoke_secret,
    rotate_secret,
)
from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import MachineClient
from tests.assertions import new_key
from tests.audit_events import add_refusal
from tests.browser.console_pages.population import (
    count_requests,
    create_secret_row,
    register_long,
    use,
)
from tests.browser.visitor import Visitor
from tests.machines import ACTOR, register


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


def open_revocation(visitor: Visitor) -> None:
    """Go to the question whether to revoke the only secret of a client that uses it."""
    machine = use(register_long(), days_ago=0)
    count_requests(machine.row)
    visitor.visit("revoke_secret", machine.row.pk, machine.row.secrets.get().pk)


def open_key_page_with_errors(visitor: Visitor) -> None:
    visitor.visit("add_key", register_long().row.pk)
    visitor.page.get_by_label("Public key").fill("nonsense")
    visitor.press("Add a public key")


def open_api_access(visitor: Visitor) -> None:
    """Go to API access with scopes of two APIs and one that was requested."""
    machine = register_long()
    machine.row.access.filter(scope__name="orders:read").update(
        last_requested_on=timezone.now().date()
    )
    visitor.visit("access", machine.row.pk)


def open_access_diff(visitor: Visitor) -> None:
    """Go to the question whether to take away a scope that was requested today."""
    open_api_access(visitor)
    visitor.page.get_by_label("orders:read").uncheck()
    visitor.press("Save API access")


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


def open_refused_trial(visitor: Visitor) -> None:
    """Go to the answer to a test request with the client ID in the place of the secret."""
    machine = register()
    visitor.visit("try", machine.row.pk)
    visitor.page.get_by_label("Client secret").fill(machine.client_id)
    visitor.press("Send the test request")


def open_activity(visitor: Visitor) -> None:
    """Go to the activity of a client with acts and refusals."""
    machine = register_long()
    disable_client(machine.row, ACTOR, reason="Its secret was in a log that many can read.")
    refused = {"client_id": machine.client_id, "address": "2001:db8::7"}
    add_refusal("expired_secret", **refused, detail="The secret dccs_a1b2…9zQx expired.")
    add_refusal("client_disabled", **refused)
    visitor.visit("activity", machine.row.pk)


PAGES: dict[str, Callable[[Visitor], None]] = {
    "activity": open_activity,
    "API access": open_api_access,
    "limits with an error": open_limits,
    "preview": open_preview,
    "test request": open_trial,
    "credentials": open_credentials,
    "rotation": open_rotation,
    "revocation": open_revocation,
    "access diff": open_access_diff,
    "refused test request": open_refused_trial,
    "key with errors": open_key_page_with_errors,
}
