"""The tables of APIs, their scopes, and which client holds which."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class API(models.Model):
    """A service that accepts tokens issued here (an OAuth resource server)."""

    identifier = models.CharField(
        _("identifier"),
        max_length=255,
        unique=True,
        help_text=_(
            "An absolute URI. Goes into every token as “aud”; changing it would break the API."
        ),
    )
    name = models.CharField(_("name"), max_length=255)
    from_configuration = models.BooleanField(_("from configuration"), default=False, editable=False)
    built_in = models.BooleanField(
        _("built in"),
        default=False,
        editable=False,
        help_text=_("This server's own API: its identifier is the issuer."),
    )
    token_lifetime = models.PositiveIntegerField(
        _("token lifetime"),
        null=True,
        blank=True,
        help_text=_("In seconds. Empty: that of the project."),
    )

    class Meta:
        verbose_name = _("API")
        verbose_name_plural = _("APIs")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(identifier=""), name="django_cc_api_has_an_identifier"
            ),
            models.UniqueConstraint(
                fields=["built_in"],
                condition=models.Q(built_in=True),
                name="django_cc_one_built_in_api",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Scope(models.Model):
    """A permission an API offers."""

    api = models.ForeignKey(
        API, on_delete=models.CASCADE, related_name="scopes", verbose_name=_("API")
    )
    name = models.CharField(_("name"), max_length=255)
    description = models.CharField(_("description"), max_length=255, blank=True)
    restricted = models.BooleanField(
        _("restricted"),
        default=False,
        help_text=_("Only who may grant restricted scopes can give it to a client."),
    )

    class Meta:
        verbose_name = _("scope")
        verbose_name_plural = _("scopes")
        constraints = [
            models.UniqueConstraint(fields=["api", "name"], name="django_cc_scope_per_api"),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(name__contains=" "),
                name="django_cc_scope_is_one_word",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class APIIntrospector(models.Model):
    """A client that may introspect the tokens that are for an API (RFC 7662 §4)."""

    api = models.ForeignKey(
        API, on_delete=models.CASCADE, related_name="introspectors", verbose_name=_("API")
    )
    client = models.ForeignKey(
        "django_cc.MachineClient",
        on_delete=models.CASCADE,
        related_name="introspects",
        verbose_name=_("machine client"),
    )
    granted_at = models.DateTimeField(_("granted at"), default=timezone.now, editable=False)
    granted_by = models.CharField(_("granted by"), max_length=255, blank=True, editable=False)

    class Meta:
        verbose_name = _("introspecting client")
        verbose_name_plural = _("introspecting clients")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["api", "client"], name="django_cc_introspector_once"),
        ]

    def __str__(self) -> str:
        return f"{self.client} → {self.api}"


class APIAccess(models.Model):
    """One scope that one client holds."""

    client = models.ForeignKey(
        "django_cc.MachineClient",
        on_delete=models.CASCADE,
        related_name="access",
        verbose_name=_("machine client"),
    )
    # A scope in use is not deleted from under its clients.
    scope = models.ForeignKey(
        Scope, on_delete=models.PROTECT, related_name="access", verbose_name=_("scope")
    )
    granted_at = models.DateTimeField(_("granted at"), default=timezone.now, editable=False)
    granted_by = models.CharField(_("granted by"), max_length=255, blank=True, editable=False)
    last_requested_on = models.DateField(
        _("last requested on"),
        null=True,
        editable=False,
        help_text=_("The day, in UTC, a token with this scope was last issued."),
    )

    class Meta:
        verbose_name = _("API access")
        verbose_name_plural = _("API access")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["client", "scope"], name="django_cc_access_once"),
        ]

    def __str__(self) -> str:
        return f"{self.client} → {self.scope}"
