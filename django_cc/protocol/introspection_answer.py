"""What an API makes of the answer of an introspection endpoint (RFC 7662 §2.2)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.errors import InvalidScope
from django_cc.protocol.scope import Scope


class MalformedAnswer(ValueError):
    """An answer that says neither yes nor no; the words repeat nothing of it."""


def confirm_by_answer(
    claims: AccessTokenClaims, answer: Mapping[str, Any]
) -> AccessTokenClaims | None:
    """Return the claims of a verified token as the answer leaves them, or None if it is dead.

    The scope may be less by now; never more, for it was the token that was signed. An answer
    about another token is none about this one, which counts as dead.

    Raises:
        MalformedAnswer: `active` is no boolean ("REQUIRED", §2.2), or `scope` is no scope.
    """
    active = answer.get("active")
    if not isinstance(active, bool):
        raise MalformedAnswer("it does not say whether the token is active")
    if not active or not _is_about(claims, answer):
        return None
    if "scope" not in answer:
        return claims
    return replace(claims, scope=Scope(claims.scope.tokens & _read_scope(answer["scope"]).tokens))


def _is_about(claims: AccessTokenClaims, answer: Mapping[str, Any]) -> bool:
    ours = {
        "iss": claims.issuer,
        "sub": claims.subject,
        "client_id": claims.client_id,
        "jti": claims.token_id,
    }
    return all(answer.get(name, value) == value for name, value in ours.items())


def _read_scope(value: object) -> Scope:
    if value == "":
        return Scope()
    try:
        return Scope.parse(value if isinstance(value, str) else "")
    except InvalidScope:
        raise MalformedAnswer("its scope is malformed") from None
