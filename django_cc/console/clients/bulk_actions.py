"""What can be done to many machine clients of the list at once, after a page that asks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.console.clients.bulk_acts import ACTS, BulkAct
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.live_use import describe_use
from django_cc.console.site.actors import deny, get_actor
from django_cc.console.site.keys import is_key
from django_cc.console.site.rights import Right, may
from django_cc.models import MachineClient

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[MachineClient]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone

MOST_AT_ONCE: Final = 500  # each is a hidden field, of which Django takes a thousand
_CONFIRMED: Final = "confirmed"
_BUTTON: Final = "index"  # of those that Django's list may have several of


class ClientActions(_ModelAdmin):
    """The actions of the list: each asks first, and does it by POST."""

    actions = ["disable_clients", "enable_clients", "revoke_all_tokens"]

    @admin.action(permissions=["disable"], description=_("Disable"))
    def disable_clients(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Stop the chosen clients."""
        return self._run("disable_clients", request, queryset)

    @admin.action(permissions=["disable"], description=_("Enable"))
    def enable_clients(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Let the chosen clients get tokens again."""
        return self._run("enable_clients", request, queryset)

    @admin.action(permissions=["revoke_tokens"], description=_("Revoke all tokens"))
    def revoke_all_tokens(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Kill the tokens of the chosen clients."""
        return self._run("revoke_all_tokens", request, queryset)

    def has_disable_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may disable and enable."""
        return may(request.user, Right.DISABLE_CLIENT)

    def has_revoke_tokens_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may revoke tokens."""
        return may(request.user, Right.REVOKE_TOKENS)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse an action that no page offered to this user, and numbers that none has sent."""
        wanted = ACTS.get(request.POST.get("action", ""))
        if wanted is not None and not may(request.user, wanted.right):
            return deny(request, request.POST["action"])
        _require_numbers(request)
        return super().changelist_view(request, extra_context)

    def _run(self, name: str, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        act = ACTS[name]
        chosen = list(queryset[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            problem = gettext("Choose at most %(count)d machine clients at once.")
            self.message_user(request, problem % {"count": MOST_AT_ONCE}, messages.ERROR)
            return None
        concerned = [client for client in chosen if act.concerns(client)]
        skipped = _tell_skipped(act, len(chosen) - len(concerned), _count_missing(request, chosen))
        if not concerned:
            for text in skipped:
                self.message_user(request, text, messages.WARNING)
            return None
        form = act.asks(request.POST if _CONFIRMED in request.POST else None, len(concerned))
        if not form.is_valid():
            return self._ask(request, name, concerned, skipped, form)
        self._act(request, act, concerned, skipped, form.cleaned_data.get("reason", ""))
        return None

    def _act(
        self,
        request: HttpRequest,
        act: BulkAct,
        clients: Sequence[Any],
        skipped: Sequence[str],
        reason: str,
    ) -> None:
        try:
            count = act.act(clients, get_actor(request), reason)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return
        text = " ".join([str(act.done % {"count": count}), *skipped])
        self.message_user(request, text, messages.SUCCESS)

    def _ask(
        self,
        request: HttpRequest,
        name: str,
        clients: Sequence[Any],
        skipped: Sequence[str],
        form: forms.Form,
    ) -> HttpResponse:
        act, now = ACTS[name], timezone.now()
        title = str(act.title % {"count": len(clients)})
        return ClientPage(self).render(
            request,
            "django_cc/clients/bulk_confirmation.html",
            title,
            action=name,
            confirmed=_CONFIRMED,
            checkbox=ACTION_CHECKBOX_NAME,
            rows=[
                (client, describe_use(client, client.tokens_of_a_day, now=now))
                for client in clients
            ],
            skipped=skipped,
            consequences=act.consequences(),
            form=form,
            button=title,
            dangerous=act.dangerous,
            back=request.get_full_path(),  # the list as it was filtered
        )


def _require_numbers(request: HttpRequest) -> None:
    """Return if the ticked boxes and the pressed button are told by their numbers.

    Raises:
        BadRequest: they are not; the database might take neither.
    """
    sent = (ACTION_CHECKBOX_NAME, _BUTTON)
    if not all(is_key(text) for name in sent for text in request.POST.getlist(name)):
        raise BadRequest("A number was expected.")


def _count_missing(request: HttpRequest, found: Sequence[Any]) -> int:
    """Return how many of the ticked boxes stand for clients that were not among the rows."""
    ticked = {*request.POST.getlist(ACTION_CHECKBOX_NAME)}
    return len(ticked - {str(client.pk) for client in found})


def _tell_skipped(act: BulkAct, meaningless: int, missing: int) -> list[str]:
    """Return a sentence for each cause."""
    told = []
    if meaningless:
        told.append(str(act.skipped % {"count": meaningless}))
    if missing:
        text = ngettext(
            "%(count)d is skipped: you may not see it, or it is not in this list any more.",
            "%(count)d are skipped: you may not see them, or they are not in this list any more.",
            missing,
        )
        told.append(text % {"count": missing})
    return told
