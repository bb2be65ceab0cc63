"""The table of the audit trail."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Something that was done. No foreign keys: it outlives what it tells of."""

    class Event(models.TextChoices):
        """What happened."""

        CLIENT_REGISTERED = "client_registered", _("Machine client registered")
        CLIENT_DELETED = "client_deleted", _("Machine client deleted")
        CLIENT_DISABLED = "client_disabled", _("Machine client disabled")
        CLIENT_ENABLED = "client_enabled", _("Machine client enabled")
        TOKENS_REVOKED = "tokens_revoked", _("All tokens revoked")
        ACCESS_GRANTED = "access_granted", _("API access granted")
        ACCESS_REVOKED = "access_revoked", _("API access removed")
        SECRET_REPLACED = "secret_replaced", _("Client secret replaced")
        SECRET_CREATED = "secret_created", _("Client secret created")
        SECRET_ROTATED = "secret_rotated", _("Client secret rotated")
        SECRET_UPDATED = "secret_updated", _("Client secret changed")
        SECRET_REVOKED = "secret_revoked", _("Client secret revoked")
        SIGNING_KEY_CREATED = "signing_key_created", _("Signing key created")
        APIS_CONFIGURED = "apis_configured", _("APIs updated from configuration")

    class ActorKind(models.TextChoices):
        """Who can do things."""

        USER = "user", _("User")
        COMMAND = "command", _("Command")

    time = models.DateTimeField(_("time"), default=timezone.now, db_index=True, editable=False)
    event = models.CharField(_("event"), max_length=40, choices=Event.choices, editable=False)
    actor_kind = models.CharField(
        _("kind of actor"), max_length=16, choices=ActorKind.choices, editable=False
    )
    actor = models.CharField(_("actor"), max_length=255, editable=False)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True, editable=False)
    client_name = models.CharField(_("client name"), max_length=255, blank=True, editable=False)
    detail = models.CharField(_("detail"), max_length=255, blank=True, editable=False)
    address = models.GenericIPAddressField(_("address"), null=True, editable=False)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions = ("view",)
        ordering = ["-time", "-pk"]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M} {self.get_event_display()}"
