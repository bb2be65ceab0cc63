"""What a function view says about machines: the arguments of `@machine_access`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django_cc.protocol.errors import InsufficientScope
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.named_rules import read_names

Names: TypeAlias = str | Sequence[str] | Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class MachineRules:
    """The rules of one view.

    Attributes:
        scopes: of which a token must hold every one; a list, or a dict by HTTP method.
        any_of: of which a token must hold one.
        clients: IDs of the clients that may call.
        any_scope: whether a token of any scope will do.
        api: the identifier of the API the view belongs to; None for the project's only one.
        people: whether people who are signed in may call too.
    """

    scopes: Names | None = None
    any_of: Names | None = None
    clients: Names | None = None
    any_scope: bool = False
    api: str | None = None
    people: bool = False

    def __post_init__(self) -> None:
        """Refuse rules that say nothing, or two things at once.

        Raises:
            TypeError: with the words to use instead.
        """
        by_scope = [self.scopes is not None, self.any_of is not None, self.any_scope]
        if sum(by_scope) > 1:
            raise TypeError("@machine_access takes one of scopes=, any_of= and any_scope=True.")
        named = [rule for rule in (self.scopes, self.any_of, self.clients) if rule is not None]
        if not all(named) or not (named or self.any_scope):
            raise TypeError(
                "@machine_access must name scopes=[…], any_of=[…] or clients=[…]; where every "
                "machine of the API may call, any_scope=True."
            )

    def require_met(self, token: AccessToken, *, method: str) -> None:
        """Let a token pass that meets every rule for a request of this method.

        Raises:
            InsufficientScope: it does not; the error names the scopes it would take.
        """
        missing = self._find_missing(token, method)
        if missing is not None:
            raise InsufficientScope(missing, client_id=token.client_id)

    def _find_missing(self, token: AccessToken, method: str) -> tuple[str, ...] | None:
        if self.clients is not None and token.client_id not in self._read(self.clients, method):
            return ()
        if self.any_of is not None:
            choice = self._read(self.any_of, method)
            return None if any(token.has_scopes([scope]) for scope in choice) else choice[:1]
        if self.scopes is None:
            return None
        required = self._read(self.scopes, method)
        return None if token.has_scopes(required) else required

    @staticmethod
    def _read(rule: Names, method: str) -> tuple[str, ...]:
        return read_names(rule, method=method)
