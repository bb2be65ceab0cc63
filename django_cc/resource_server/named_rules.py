"""Read what a view names for a request: the scopes it requires, the clients it lets in."""

from collections.abc import Mapping
from typing import Any

# Neither changes anything (RFC 9110 §9.2.1), and both are about what GET answers.
_LIKE_GET = frozenset({"HEAD", "OPTIONS"})


def read_names(rule: Any, *, method: str, action: str | None = None) -> tuple[str, ...]:
    """Return the names that `rule` has for a request, in its order; none where it has none.

    Args:
        rule: a list for all requests, or a dict by action (`"list"`) or HTTP method (`"GET"`). The
            action goes first. HEAD and OPTIONS count as GET, unless they are named themselves; no
            other method is ever taken for another. Text is names separated by spaces.
        method: the HTTP method.
        action: the action of a ViewSet.
    """
    if isinstance(rule, Mapping):
        asked = (action, method, *(("GET",) if method in _LIKE_GET else ()))
        # An empty rule is one: it names nobody, and is not passed over for the next.
        rule = next((rule[name] for name in asked if name in rule), ())
    return _split(rule)


def list_names(rule: Any) -> tuple[str, ...]:
    """Return every name that `rule` has, for whatever request."""
    if isinstance(rule, Mapping):
        return tuple(dict.fromkeys(name for part in rule.values() for name in _split(part)))
    return _split(rule)


def read_names_of_view(view: Any, attribute: str, method: str) -> tuple[str, ...]:
    """Return the names that an attribute of `view` has for a request of this method."""
    rule = getattr(view, attribute, None)
    return read_names(rule, method=method, action=_find_action(view, method))


def _find_action(view: Any, method: str) -> str | None:
    # DRF asks about other methods than that of the request, to describe what else is possible.
    actions: Mapping[str, str] = getattr(view, "action_map", None) or {}
    return actions.get(method.lower(), getattr(view, "action", None))


def _split(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names.split() if isinstance(names, str) else names or ()))
