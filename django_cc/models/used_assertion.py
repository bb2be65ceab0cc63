"""The table of assertions that were used, so that each is used once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UsedAssertion(models.Model):
    """A client assertion that was accepted (RFC 7523 §3), until it could not be used anyway."""

    digest = models.CharField(
        _("digest"),
        max_length=64,
        primary_key=True,
        editable=False,
        help_text=_("SHA-256 of issuer and jti, in hexadecimal digits."),
    )
    expires_at = models.DateTimeField(_("expires at"), db_index=True, editable=False)

    class Meta:
        verbose_name = _("used assertion")
        verbose_name_plural = _("used assertions")
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest
