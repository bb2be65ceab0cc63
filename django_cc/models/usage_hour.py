"""The table of usage figures: counts for each hour, never a row for a token."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UsageHour(models.Model):
    """How often something happened in one hour. No foreign keys: it outlives what it counts."""

    class Outcome(models.TextChoices):
        """How a token request ended."""

        ISSUED = "issued", _("Issued")
        REFUSED = "refused", _("Refused")

    hour = models.DateTimeField(
        _("hour"), editable=False, help_text=_("When it began, in UTC: minute and second are 0.")
    )
    client_id = models.CharField(_("client ID"), max_length=255, blank=True, editable=False)
    api = models.CharField(
        _("API"), max_length=255, blank=True, editable=False, help_text=_("Its identifier.")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, editable=False)
    reason = models.CharField(_("reason"), max_length=64, blank=True, editable=False)
    count = models.PositiveBigIntegerField(_("count"), default=0, editable=False)

    class Meta:
        verbose_name = _("usage in an hour")
        verbose_name_plural = _("usage by hour")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["client_id", "hour", "api", "outcome", "reason"],
                name="django_cc_usage_once",
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="django_cc_usage_by_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00} {self.client_id} {self.outcome}: {self.count}"


class Dashboard(UsageHour):
    """The dashboard's place in the admin: a page of figures, no table of its own."""

    class Meta:
        proxy = True
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboard")
        default_permissions = ()
        permissions = [("view_dashboard", _("Can view the dashboard"))]
