"""The pages that are about no single machine client."""

from collections.abc import Callable

from django.urls import reverse

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.authorization_server.apis.scope_editing import create_scope
from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.authorization_server.signing_keys.retirement import retire_key
from django_cc.authorization_server.signing_keys.rotation import (
    ensure_signing_key,
    rotate_signing_key,
)
from django_cc.models import SigningKey
from tests.audit_events import add_refusal
from tests.browser.console_pages.population import (
    LONG_NAME,
    count_requests,
    register_long,
    register_one_of_each,
    the_used_clients,
)
from tests.browser.visitor import Visitor
from tests.machines import ACTOR, register


def open_dashboard(visitor: Visitor) -> None:
    """Go to a dashboard with something in every panel."""
    register_one_of_each()
    ensure_signing_key(ACTOR)
    for number, client in enumerate(the_used_clients()):
        count_requests(client, number)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_dashboard_changelist"))


def open_empty_dashboard(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + reverse("admin:django_cc_dashboard_changelist"))


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


def open_retirement(visitor: Visitor) -> None:
    """Go to the question whether to retire a key, after a wrong answer."""
    rotate_signing_key(ACTOR, skip_wait=True)
    key = SigningKey.objects.get(state="retiring")
    visitor.page.goto(visitor.site + reverse("admin:django_cc_signingkey_retire", args=[key.pk]))
    visitor.page.get_by_label("Type the key ID").fill("that one")
    visitor.page.get_by_label("Reason").fill("A backup was lost")
    visitor.press("Retire the signing key")


def open_audit_events(visitor: Visitor) -> None:
    """Go to a trail with a refusal and with events of clients and keys."""
    add_refusal("expired_secret", client_id=register_long().row.client_id, client_name=LONG_NAME)
    visitor.page.goto(visitor.site + reverse("admin:django_cc_auditevent_changelist"))


def open_identified_secret(visitor: Visitor) -> None:
    """Go to what is known of a secret that somebody found."""
    machine = register()
    visitor.visit("identify")
    visitor.page.get_by_label("Token, client secret or reference").fill(machine.client_secret)
    visitor.press("Identify")


PAGES: dict[str, Callable[[Visitor], None]] = {
    "identified secret": open_identified_secret,
    "dashboard": open_dashboard,
    "empty dashboard": open_empty_dashboard,
    "API": open_api,
    "introspection": open_introspection,
    "signing keys": open_signing_keys,
    "retirement": open_retirement,
    "audit events": open_audit_events,
}
