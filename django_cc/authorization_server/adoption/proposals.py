"""Propose what an adopted client may do, from what its recent tokens carried."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django_cc.authorization_server.apis.scope_choice import (
    list_grantable_scopes,
    prefer_configured,
)
from django_cc.models import Scope


@dataclass(frozen=True, slots=True)
class ScopeRules:
    """What the operator says of scopes.

    Attributes:
        given: these for every client, whatever its tokens carried; None to propose.
        api: the identifier of the only API to look at, or None for all.
        renamed: what the scopes of the toolkit are called here, where the names differ.
        allow_restricted: whether restricted scopes are proposed too.
    """

    given: Sequence[Scope] | None = None
    api: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    allow_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """Scopes for one client, and the names of those that its tokens carried beside them.

    Attributes:
        scopes: what it will hold.
        unknown: offered by no API of ours.
        ambiguous: offered by several APIs, of which none was named.
        restricted: restricted, and not allowed by the operator.
    """

    scopes: tuple[Scope, ...] = ()
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    restricted: tuple[str, ...] = ()


class ScopeBook:
    """The scopes of our APIs by name, as far as they are asked for; one query."""

    def __init__(self, carried: Iterable[Collection[str]], rules: ScopeRules) -> None:
        """Look up what any of the clients carried.

        Scopes of the server's own API are left out: nothing that a token of the toolkit carried
        was meant for them, whatever it is called.
        """
        self._rules = rules
        names = {rules.renamed.get(name, name) for names in carried for name in names}
        offered = list_grantable_scopes().filter(name__in=names, api__built_in=False)
        if rules.api is not None:
            offered = offered.filter(api__identifier=rules.api)
        by_name: dict[str, list[Scope]] = {}
        for scope in offered.order_by("api__identifier"):
            by_name.setdefault(scope.name, []).append(scope)
        self._offers = {name: prefer_configured(found) for name, found in by_name.items()}

    def propose(self, carried: Collection[str]) -> Proposal:
        """Return what a client should hold whose tokens carried these scopes."""
        if self._rules.given is not None:
            return Proposal(tuple(self._rules.given))
        scopes: dict[str, Scope] = {}
        unknown, ambiguous, restricted = [], [], []
        for name in sorted(carried):
            offers = self._offers.get(self._rules.renamed.get(name, name), [])
            if not offers:
                unknown.append(name)
            elif len(offers) > 1:
                ambiguous.append(name)
            elif offers[0].restricted and not self._rules.allow_restricted:
                restricted.append(name)
            else:
                scopes[offers[0].name] = offers[0]
        return Proposal(tuple(scopes.values()), tuple(unknown), tuple(ambiguous), tuple(restricted))
