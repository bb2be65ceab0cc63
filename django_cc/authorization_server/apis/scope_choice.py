"""Find APIs and scopes by the names people give them."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from django_cc.models import API, Scope
from django_cc.protocol.built_in_api import HELD_BY_EVERY_CLIENT


def choose_scopes(names: Sequence[str], *, api_identifier: str | None = None) -> list[Scope]:
    """Return the scope rows of `names`, each found at exactly one API.

    Args:
        names: scope names; one given twice counts once.
        api_identifier: the only API to look at, or None for all.

    Raises:
        ValidationError: a name is unknown, or several APIs offer it and none was named; all
            problems at once, each with its fix. APIs of `DJANGO_CC["APIS"]` go before others.
    """
    if not names:
        raise ValidationError(_("Name at least one scope."))
    offered = list_grantable_scopes().filter(name__in=names).order_by("api__identifier")
    if api_identifier is not None:
        offered = offered.filter(api__identifier=api_identifier)
    by_name: dict[str, list[Scope]] = {name: [] for name in names}
    for scope in offered:
        by_name[scope.name].append(scope)
    by_name = {name: prefer_configured(found) for name, found in by_name.items()}
    problems = [_describe_problem(name, found, api_identifier) for name, found in by_name.items()]
    if any(problems):
        raise ValidationError([problem for problem in problems if problem])
    return [found[0] for found in by_name.values()]


def list_grantable_scopes() -> "QuerySet[Scope]":
    """Return all scopes but the one that every client holds: it can be neither given nor taken."""
    implicit = Scope.objects.filter(api__built_in=True, name__in=HELD_BY_EVERY_CLIENT)
    return Scope.objects.exclude(pk__in=implicit).select_related("api")


def require_scopes(scopes: Sequence[Scope]) -> None:
    """Return if all of them are still there; the revision is locked, so they stay.

    Raises:
        ValidationError: some have been deleted since they were chosen; for the field.
    """
    wanted = {scope.pk: scope.name for scope in scopes}
    there = set(Scope.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    gone = sorted(name for pk, name in wanted.items() if pk not in there)
    if gone:
        problem = _("Deleted meanwhile: %(names)s. Choose again.") % {"names": ", ".join(gone)}
        raise ValidationError({"scopes": problem})


def prefer_configured(found: list[Scope]) -> list[Scope]:
    """Return those of `found` that `DJANGO_CC["APIS"]` names, or all where it names none."""
    # An API that was renamed in the settings leaves its old row behind.
    configured = [scope for scope in found if scope.api.from_configuration]
    return configured or found


def find_api(identifier: str) -> API:
    """Return the API of that identifier.

    Raises:
        ValidationError: there is none.
    """
    api = API.objects.filter(identifier=identifier).first()
    if api is None:
        raise ValidationError(_("There is no API “%(api)s”.") % {"api": identifier})
    return api


def _describe_problem(name: str, found: Sequence[Scope], api_identifier: str | None) -> str:
    if len(found) == 1:
        return ""
    if found:
        identifiers = ", ".join(scope.api.identifier for scope in found)
        return _("Several APIs offer the scope “%(name)s”: %(apis)s. Name one.") % {
            "name": name,
            "apis": identifiers,
        }
    if api_identifier is not None:
        return _("The API “%(api)s” offers no scope “%(name)s”. %(offered)s") % {
            "api": api_identifier,
            "name": name,
            "offered": _describe_offer(
                list_grantable_scopes().filter(api__identifier=api_identifier)
            ),
        }
    return _("No API offers the scope “%(name)s”. %(offered)s") % {
        "name": name,
        "offered": _describe_offer(list_grantable_scopes()),
    }


def _describe_offer(scopes: "QuerySet[Scope]") -> str:
    names = sorted(set(scopes.values_list("name", flat=True)))
    if not names:
        return _(
            'Name APIs and scopes in DJANGO_CC["APIS"] and run “migrate”, or make them by cc_api '
            "and cc_scope."
        )
    return _("There are: %(names)s.") % {"names": ", ".join(names)}
