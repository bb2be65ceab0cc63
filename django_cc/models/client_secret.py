"""The table of client secrets: digests and ends, never a secret."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TOOLKIT_MARKER = "toolkit$"  # before a password hash that the toolkit made


class ClientSecret(models.Model):
    """One of a client's secrets."""

    client = models.ForeignKey(
        "django_cc.MachineClient",
        on_delete=models.CASCADE,
        related_name="secrets",
        verbose_name=_("machine client"),
    )
    digest = models.CharField(
        _("digest"),
        max_length=255,
        unique=True,
        editable=False,
        help_text=_("How it was digested, then the digest: sha256$… or, adopted, toolkit$…"),
    )
    visible_start = models.CharField(_("first characters"), max_length=12, editable=False)
    visible_end = models.CharField(_("last characters"), max_length=4, editable=False)
    note = models.CharField(
        _("note"),
        max_length=255,
        blank=True,
        help_text=_("Where is it kept? For example the path in a vault. Never the secret."),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    created_by = models.CharField(_("created by"), max_length=255, blank=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    last_used_address = models.GenericIPAddressField(_("last used from"), null=True, editable=False)

    class Meta:
        verbose_name = _("client secret")
        verbose_name_plural = _("client secrets")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__startswith="sha256$")
                | models.Q(digest__startswith="toolkit$"),
                name="django_cc_secret_is_digested",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visible_start}…{self.visible_end}"

    @property
    def has_old_hash(self) -> bool:
        """Whether it is kept as a password hash of the toolkit, which is slow to check."""
        return self.digest.startswith(TOOLKIT_MARKER)

    @property
    def must_be_rotated(self) -> bool:
        """Whether it was used and kept its old hash: people chose it, so it could be guessed."""
        return self.has_old_hash and self.last_used_at is not None

    def is_live(self, now: datetime) -> bool:
        """Whether it authenticates its client at `now` (aware UTC)."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
