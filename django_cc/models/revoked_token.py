"""The table of single tokens that were revoked before they expired."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RevokedToken(models.Model):
    """A dead token, by its ID (`jti`), kept until it would have expired anyway."""

    token_id = models.CharField(_("token ID"), max_length=255, unique=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"), db_index=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), default=timezone.now, editable=False)
    revision = models.BigIntegerField(_("revision"), default=0, db_index=True, editable=False)

    class Meta:
        verbose_name = _("revoked token")
        verbose_name_plural = _("revoked tokens")
        default_permissions = ()

    def __str__(self) -> str:
        return self.token_id
