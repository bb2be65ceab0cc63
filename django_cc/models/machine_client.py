"""The table of machine clients."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

NAME_LENGTH = 80


class MachineClient(models.Model):
    """A program that gets tokens with its own credentials, without a user."""

    class Authentication(models.TextChoices):
        """The family of methods by which a client proves who it is (RFC 6749 §2.3)."""

        CLIENT_SECRET = "client_secret", _("Client secret")
        PRIVATE_KEY_JWT = "private_key_jwt", _("Signed JWT (private_key_jwt)")

    class ManagedBy(models.TextChoices):
        """Where a client came from."""

        CONSOLE = "console", _("Console")
        COMMAND = "command", _("Command")
        ADOPTED = "adopted", _("Adopted from the toolkit")

    # The toolkit's Application stays the source of `client_id`.
    application = models.OneToOneField(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.PROTECT,
        related_name="machine_client",
        verbose_name=_("application"),
    )
    name = models.CharField(
        _("name"),
        max_length=NAME_LENGTH,
        help_text=_(
            "What it is and where it runs, for example “Billing sync (production)”. Shown in logs."
        ),
    )
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("What it does and who to call when it misbehaves. Do not paste secrets."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_(
            "Can manage this client. Tokens do not depend on this account: the client keeps "
            "working if the owner leaves."
        ),
    )
    owning_group = models.ForeignKey(
        "auth.Group",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owning group"),
        help_text=_("Everyone in the group can manage it too. Recommended for production."),
    )
    managed_by = models.CharField(
        _("managed by"),
        max_length=16,
        choices=ManagedBy.choices,
        default=ManagedBy.CONSOLE,
        editable=False,
    )
    adopted_from = models.JSONField(
        _("adopted from"),
        null=True,
        editable=False,
        help_text=_("What the toolkit's application was before its adoption; no secret."),
    )
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("registered by"),
    )
    registration_key = models.UUIDField(
        _("registration key"),
        unique=True,
        null=True,
        editable=False,
        help_text=_("Names one submission of the registration form, so that it registers once."),
    )
    default_api = models.ForeignKey(
        "django_cc.API",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("default API"),
        help_text=_("The API a token is for when the request names neither API nor scope."),
    )
    authentication = models.CharField(
        _("authentication"),
        max_length=16,
        choices=Authentication.choices,
        default=Authentication.CLIENT_SECRET,
        editable=False,
    )
    previous_authentication = models.CharField(
        _("previous authentication"),
        max_length=16,
        choices=Authentication.choices,
        blank=True,
        editable=False,
        help_text=_("Works on until the date beside it."),
    )
    previous_authentication_until = models.DateTimeField(
        _("previous authentication until"), null=True, editable=False
    )
    jwks_uri = models.URLField(
        _("JWK Set URL"),
        max_length=2000,
        blank=True,
        help_text=_("Where the client publishes its public keys, instead of handing them over."),
    )
    published_key_used_at = models.DateTimeField(
        _("published key used at"),
        null=True,
        editable=False,
        help_text=_("When it last used a key that is published behind the JWK Set URL."),
    )
    published_key_used_address = models.GenericIPAddressField(
        _("published key used from"), null=True, editable=False
    )
    accepts_endpoint_audience = models.BooleanField(
        _("accepts the token endpoint as audience"),
        default=False,
        help_text=_(
            "For older client libraries: an assertion may name the token endpoint as “aud” instead "
            "of the issuer. Leave it off where you can."
        ),
    )
    token_lifetime = models.PositiveIntegerField(
        _("token lifetime"),
        null=True,
        blank=True,
        help_text=_("In seconds. Empty: that of the API, or of the project."),
    )
    allowed_networks = models.JSONField(
        _("allowed networks"),
        default=list,
        blank=True,
        help_text=_("From where it may ask for tokens, such as 10.0.0.0/8. Empty: anywhere."),
    )
    rate = models.PositiveIntegerField(
        _("rate"),
        null=True,
        blank=True,
        help_text=_("How many tokens it may get in a minute. Empty: any number."),
    )
    disabled_at = models.DateTimeField(_("disabled at"), null=True, editable=False)
    disabled_by = models.CharField(_("disabled by"), max_length=255, blank=True, editable=False)
    disabled_reason = models.CharField(_("reason"), max_length=255, blank=True, editable=False)
    expires_at = models.DateTimeField(
        _("expires at"),
        null=True,
        blank=True,
        help_text=_("From then on it gets no token, and those it has are dead. Empty: never."),
    )
    generation = models.PositiveIntegerField(
        _("generation"),
        default=1,
        editable=False,
        help_text=_("Tokens of an earlier generation are dead."),
    )
    version = models.PositiveIntegerField(
        _("version"),
        default=1,
        editable=False,
        help_text=_("Counts the edits, so that an edit of what was read before another is told."),
    )
    revision = models.BigIntegerField(_("revision"), default=0, db_index=True, editable=False)

    class Meta:
        verbose_name = _("machine client")
        verbose_name_plural = _("machine clients")
        permissions = [
            ("access_all_clients", _("Can see and act on every owner's machine clients")),
            ("disable_client", _("Can disable and enable machine clients")),
            ("issue_credential", _("Can create and rotate secrets and add keys")),
            ("revoke_credential", _("Can revoke secrets and remove keys")),
            ("revoke_tokens", _("Can revoke tokens")),
            ("grant_access", _("Can give and take scopes")),
            ("grant_restricted_scope", _("Can give restricted scopes")),
            ("test_request", _("Can send test requests")),
        ]
        constraints = [
            # Ownerless clients are left out, so that deleting a user can never fail.
            models.UniqueConstraint(
                Lower("name"),
                "owner",
                condition=models.Q(owner__isnull=False),
                name="django_cc_client_name_per_owner",
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="django_cc_client_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(generation__gte=1), name="django_cc_client_generation"
            ),
            models.CheckConstraint(
                condition=models.Q(authentication__in=["client_secret", "private_key_jwt"]),
                name="django_cc_client_authentication",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    previous_authentication="", previous_authentication_until__isnull=True
                )
                | (
                    ~models.Q(previous_authentication="")
                    & models.Q(previous_authentication_until__isnull=False)
                    & ~models.Q(previous_authentication=models.F("authentication"))
                ),
                name="django_cc_client_planned_change",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client_id(self) -> str:
        """The public client ID."""
        client_id: str = self.application.client_id
        return client_id

    @property
    def is_enabled(self) -> bool:
        """Whether nobody has stopped it."""
        return self.disabled_at is None

    def is_expired(self, now: datetime) -> bool:
        """Whether it has come to its end at `now` (aware UTC)."""
        return self.expires_at is not None and self.expires_at <= now
