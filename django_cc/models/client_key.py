"""The table of clients' public keys."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ClientKey(models.Model):
    """A public key by which a client proves who it is (private_key_jwt); never a private one."""

    client = models.ForeignKey(
        "django_cc.MachineClient",
        on_delete=models.CASCADE,
        related_name="keys",
        verbose_name=_("machine client"),
    )
    kid = models.CharField(_("key ID"), max_length=255, editable=False)
    algorithm = models.CharField(_("algorithm"), max_length=16, editable=False)
    public_jwk = models.JSONField(_("public JWK"), editable=False)
    note = models.CharField(_("note"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    created_by = models.CharField(_("created by"), max_length=255, blank=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    last_used_address = models.GenericIPAddressField(_("last used from"), null=True, editable=False)

    class Meta:
        verbose_name = _("client key")
        verbose_name_plural = _("client keys")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kid"],
                condition=models.Q(revoked_at__isnull=True),
                name="django_cc_client_key_once",
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    def is_live(self, now: datetime) -> bool:
        """Whether it authenticates its client at `now` (aware UTC)."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
