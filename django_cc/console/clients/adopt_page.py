"""Adopt: make machine clients of the toolkit's applications, a hundred at a time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.adoption.adopting import adopt_planned
from django_cc.authorization_server.adoption.plan import (
    AdoptionRules,
    PlannedAdoption,
    Verdict,
    plan_adoption,
)
from django_cc.authorization_server.adoption.proposals import ScopeRules
from django_cc.authorization_server.toolkit.adoption_candidates import Selection
from django_cc.console.site.actors import get_actor
from django_cc.console.site.links import client_url
from django_cc.console.site.pages import ConsolePage
from django_cc.console.site.rights import Right

MOST_SHOWN: Final = 100
_RECENT: Final = timedelta(days=90)

_VERDICTS: Final = {
    Verdict.ADOPT: _("Can be adopted"),
    Verdict.NEEDS_FORCE: _("Only by cc_adopt --force"),
    Verdict.IMPOSSIBLE: _("Cannot be adopted"),
}


class AdoptPage(ConsolePage):
    """Shows what would become of each application; the POST adopts those that were chosen.

    What it takes to overrule a doubt, to map scopes or to go back is left to `cc_adopt`.
    """

    name = "adopt"
    route = "adopt/"
    rights = (
        Right.VIEW_CLIENT,
        Right.ACCESS_ALL_CLIENTS,
        Right.REGISTER_CLIENT,
        Right.GRANT_ACCESS,
    )

    def get(self, request: HttpRequest, **_arguments: Any) -> HttpResponse:
        """Show the plan."""
        plan = _plan(None)
        return self.render(
            request,
            "django_cc/clients/adopt.html",
            gettext("Adopt the toolkit's applications"),
            rows=[(one, _VERDICTS[one.verdict]) for one in plan],
            may_adopt=any(one.verdict is Verdict.ADOPT for one in plan),
            is_cut=len(plan) == MOST_SHOWN,
        )

    def post(self, request: HttpRequest, **_arguments: Any) -> HttpResponse:
        """Adopt what was chosen, all or nothing, as it is planned now."""
        chosen = request.POST.getlist("client_id")[:MOST_SHOWN]
        try:
            adopted = adopt_planned(_plan(chosen), get_actor(request))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return HttpResponseRedirect(client_url(request, "adopt"))
        count = len(adopted.clients)
        text = ngettext("%(count)d application adopted.", "%(count)d applications adopted.", count)
        messages.success(request, text % {"count": count})
        if adopted.changed:
            changed = gettext("Changed by somebody meanwhile, and left alone: %(ids)s.")
            messages.warning(request, changed % {"ids": ", ".join(adopted.changed)})
        return HttpResponseRedirect(client_url(request, "adopt"))


def _plan(client_ids: Sequence[str] | None) -> Sequence[PlannedAdoption]:
    rules = AdoptionRules(scopes=ScopeRules(), since=timezone.now() - _RECENT)
    batches = plan_adoption(Selection(client_ids), rules, batch_size=MOST_SHOWN)
    return next(batches, ())
