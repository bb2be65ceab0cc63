"""The table of the keys that sign tokens."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SigningKey(models.Model):
    """A key that signs tokens; its private half is stored encrypted."""

    class State(models.TextChoices):
        """The life of a key, in order."""

        NEXT = "next", _("Next: published, not signing yet")
        CURRENT = "current", _("Current: signs")
        RETIRING = "retiring", _("Retiring: published, only verifies")
        RETIRED = "retired", _("Retired: unpublished, private half destroyed")

    kid = models.CharField(_("key ID"), max_length=64, unique=True, editable=False)
    algorithm = models.CharField(_("algorithm"), max_length=16, editable=False)
    public_jwk = models.JSONField(_("public JWK"), editable=False)
    encrypted_private_key = models.BinaryField(_("encrypted private key"), editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    activated_at = models.DateTimeField(_("activated at"), null=True, editable=False)
    retiring_at = models.DateTimeField(_("retiring since"), null=True, editable=False)
    verifies_until = models.DateTimeField(
        _("verifies until"),
        null=True,
        editable=False,
        help_text=_("When the last token it signed has expired everywhere."),
    )
    retired_at = models.DateTimeField(_("retired at"), null=True, editable=False)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        default_permissions = ("view",)
        permissions = [
            ("rotate_signingkey", _("Can create and rotate signing keys")),
            ("retire_signingkey", _("Can retire and replace signing keys")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm"],
                condition=models.Q(state="current"),
                name="django_cc_one_current_key",
            ),
            models.UniqueConstraint(
                fields=["algorithm"],
                condition=models.Q(state="next"),
                name="django_cc_one_next_key",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["next", "current", "retiring", "retired"]),
                name="django_cc_key_state",
            ),
        ]

    def __str__(self) -> str:
        return self.kid
