"""Forms of the admin whose saving is left to functions of the server."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from django_cc.console.site.actors import deny
from django_cc.console.site.secretless_form import SecretlessForm
from django_cc.console.site.times import format_time
from django_cc.models import AuditEvent

if TYPE_CHECKING:
    from django.contrib import admin

    _ModelForm = forms.ModelForm[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:  # generic in the stubs alone
    _ModelForm = forms.ModelForm
    _ModelAdmin = object

_RECENTLY = timedelta(days=1)


class CarefulForm(SecretlessForm, _ModelForm):
    """Tells an edit of what was read before another edit, and shows what the server refuses.

    Fields with `show_hidden_initial` carry along what the user has read.
    """

    refusal: ClassVar[ValidationError | None] = None  # bound for each request
    edit_event: ClassVar[AuditEvent.Event]  # what the trail calls an edit

    def clean(self) -> dict[str, Any]:
        """Refuse to overwrite what somebody else has saved meanwhile."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.refusal is not None:
            self._add_refusal(self.refusal)
        elif self.instance.pk and any(map(self._differs_from_seen, self.fields)):
            self.add_error(None, self._describe_conflict())
        return cleaned

    def describe_edited(self) -> str:
        """Return how the trail's detail of an edit begins: as people call it, unless overridden."""
        return str(self.instance)

    def _differs_from_seen(self, name: str) -> bool:
        field = self.fields[name]
        if not field.show_hidden_initial:
            return False
        sent = self[name].html_initial_name
        seen = field.hidden_widget().value_from_datadict(self.data, self.files, sent)
        try:
            return bool(field.to_python(seen) != getattr(self.instance, name))
        except ValidationError:
            return True

    def _add_refusal(self, refusal: ValidationError) -> None:
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)

    def _describe_conflict(self) -> str:
        edits = AuditEvent.objects.filter(
            time__gte=timezone.now() - _RECENTLY,
            event=self.edit_event,
            detail__startswith=self.describe_edited(),
        )
        last = edits.first()
        if last is None:
            return gettext(
                "Changed while you were editing. Nothing was saved. Open the page again."
            )
        text = gettext(
            "Changed by %(name)s at %(time)s while you were editing. Nothing was saved. Open the "
            "page again."
        )
        return text % {"name": last.actor, "time": format_time(last.time)}


class CarefulAdmin(_ModelAdmin):
    """Shows the form again where the server refuses what was valid; nothing is half done."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Answer; who may not is told to the audit trail where it was a POST."""
        act = "add" if object_id is None else "change"
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            return self._deny(request, act)
        except ValidationError as refusal:
            request.cc_refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **options: Any,
    ) -> Any:
        """Bind what the server has refused to the form that is shown again."""
        form = super().get_form(request, obj, change=change, **options)
        return type(form.__name__, (form,), {"refusal": getattr(request, "cc_refusal", None)})

    def _deny(self, request: HttpRequest, act: str) -> HttpResponse:
        return deny(request, f"{act}_{self.opts.model_name}")
