"""The table of the audit trail."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AppendOnlyError(TypeError):
    """The audit trail can be added to and read; nothing else."""


class AppendOnlyQuerySet(models.QuerySet["AuditEvent"]):
    """Rows that nobody changes or removes through it.

    Django's own ways around `update()` and `delete()` are closed too: upserts, the update that
    `save_base()` tries when a fixture brings a primary key along, and the deletion without
    signals. `models.QuerySet(AuditEvent)` is the one way past it, for `cc_prune` alone.
    """

    def bulk_create(self, objs: Any, *arguments: Any, **options: Any) -> "list[AuditEvent]":
        """Add events.

        Raises:
            AppendOnlyError: it was to change those that are there (`update_conflicts`).
        """
        if options.get("update_conflicts") or any(arguments[2:3]):
            raise AppendOnlyError("Audit events cannot be changed.")
        return super().bulk_create(objs, *arguments, **options)

    def update(self, **_values: Any) -> int:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError("Audit events cannot be changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError("Audit events cannot be deleted: cc_prune removes old ones.")

    def _update(self, *arguments: Any, **options: Any) -> Any:
        # Where there is nothing to change, a fixture goes on to add the event.
        if self.exists():
            raise AppendOnlyError("Audit events cannot be changed.")
        return super()._update(*arguments, **options)  # type: ignore[misc]  # not in the stubs

    def _raw_delete(self, using: str | None) -> int:  # noqa: ARG002 - Django's signature
        raise AppendOnlyError("Audit events cannot be deleted: cc_prune removes old ones.")


class AuditEvent(models.Model):
    """Something that was done. No foreign keys: it outlives what it tells of."""

    class Event(models.TextChoices):
        """What happened."""

        CLIENT_REGISTERED = "client_registered", _("Machine client registered")
        CLIENT_UPDATED = "client_updated", _("Machine client changed")
        CLIENT_DELETED = "client_deleted", _("Machine client deleted")
        CLIENT_DISABLED = "client_disabled", _("Machine client disabled")
        CLIENT_ENABLED = "client_enabled", _("Machine client enabled")
        TOKENS_REVOKED = "tokens_revoked", _("All tokens revoked")
        TOKEN_REVOKED = "token_revoked", _("Token revoked")
        TOKEN_REFUSED = "token_refused", _("Token request refused")
        ACCESS_GRANTED = "access_granted", _("API access granted")
        ACCESS_REVOKED = "access_revoked", _("API access removed")
        SECRET_REPLACED = "secret_replaced", _("Client secret replaced")
        SECRET_CREATED = "secret_created", _("Client secret created")
        SECRET_ROTATED = "secret_rotated", _("Client secret rotated")
        SECRET_UPDATED = "secret_updated", _("Client secret changed")
        SECRET_REVOKED = "secret_revoked", _("Client secret revoked")
        KEY_ADDED = "key_added", _("Client key added")
        KEY_REVOKED = "key_revoked", _("Client key removed")
        AUTHENTICATION_CHANGED = "authentication_changed", _("Authentication changed")
        INTROSPECTION_ALLOWED = "introspection_allowed", _("Introspection allowed")
        INTROSPECTION_DENIED = "introspection_denied", _("Introspection no longer allowed")
        SIGNING_KEY_CREATED = "signing_key_created", _("Signing key created")
        SIGNING_KEY_ROTATED = "signing_key_rotated", _("Signing key rotated")
        SIGNING_KEY_RETIRING = "signing_key_retiring", _("Signing key signs no more")
        SIGNING_KEY_RETIRED = "signing_key_retired", _("Signing key retired")
        SIGNING_KEY_COMPROMISED = "signing_key_compromised", _("Signing key compromised")
        SIGNING_KEYS_REWRAPPED = "signing_keys_rewrapped", _("Signing keys encrypted anew")
        APIS_CONFIGURED = "apis_configured", _("APIs updated from configuration")
        API_CREATED = "api_created", _("API created")
        API_UPDATED = "api_updated", _("API changed")
        API_DELETED = "api_deleted", _("API deleted")
        SCOPE_CREATED = "scope_created", _("Scope created")
        SCOPE_UPDATED = "scope_updated", _("Scope changed")
        SCOPE_DELETED = "scope_deleted", _("Scope deleted")
        CLIENT_ADOPTED = "client_adopted", _("Application adopted")
        ADOPTION_REVERTED = "adoption_reverted", _("Adoption reverted")
        ACTION_DENIED = "action_denied", _("Action denied")
        CREDENTIAL_IDENTIFIED = "credential_identified", _("Credential or reference identified")
        TOKEN_TESTED = "token_tested", _("Test request sent")
        AUDIT_PRUNED = "audit_pruned", _("Old audit events removed")

    class ActorKind(models.TextChoices):
        """Who can do things."""

        USER = "user", _("User")
        COMMAND = "command", _("Command")
        CLIENT = "client", _("Machine client")

    class Result(models.TextChoices):
        """How it ended."""

        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    time = models.DateTimeField(_("time"), default=timezone.now, db_index=True, editable=False)
    event = models.CharField(_("event"), max_length=40, choices=Event.choices, editable=False)
    actor_kind = models.CharField(
        _("kind of actor"), max_length=16, choices=ActorKind.choices, editable=False
    )
    actor = models.CharField(_("actor"), max_length=255, editable=False)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True, editable=False)
    client_name = models.CharField(_("client name"), max_length=255, blank=True, editable=False)
    result = models.CharField(
        _("result"), max_length=8, choices=Result.choices, default=Result.DONE, editable=False
    )
    reason = models.CharField(
        _("reason"),
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("Why it was done, in the actor's words, or why it was refused."),
    )
    detail = models.CharField(_("detail"), max_length=255, blank=True, editable=False)
    address = models.GenericIPAddressField(_("address"), null=True, editable=False)
    reference = models.CharField(
        _("reference"),
        max_length=32,
        blank=True,
        editable=False,
        help_text=_("What the answer to a refused request quoted."),
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions = ("view",)
        base_manager_name = "objects"
        ordering = ["-time", "-pk"]
        indexes = [
            models.Index(fields=["client_id", "-time"], name="django_cc_event_of_client"),
            models.Index(
                fields=["reference"],
                condition=~models.Q(reference=""),
                name="django_cc_event_by_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M} {self.get_event_display()}"

    def save(self, **options: Any) -> None:
        """Add the event.

        Raises:
            AppendOnlyError: it is in the trail already.
        """
        if not self._state.adding:
            raise AppendOnlyError("An audit event cannot be changed.")
        # With the primary key of another event, Django would otherwise update that one.
        super().save(**{**options, "force_insert": True})

    def delete(self, *_arguments: Any, **_options: Any) -> tuple[int, dict[str, int]]:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError("An audit event cannot be deleted: cc_prune removes old ones.")
