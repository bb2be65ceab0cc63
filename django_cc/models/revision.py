"""The table of the one number that orders all changes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

THE_ONE_ROW = 1


class Revision(models.Model):
    """The number of the last change to clients, APIs and keys; one row."""

    id = models.SmallIntegerField(primary_key=True, default=THE_ONE_ROW)
    number = models.BigIntegerField(_("number"))
    removal = models.BigIntegerField(
        _("removal"),
        default=0,
        help_text=_("The number of the last change that no stamped row tells of."),
    )

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=THE_ONE_ROW), name="django_cc_revision_is_one_row"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)
