"""The scope grammar (RFC 6749 §3.3)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from django_cc.protocol.errors import InvalidScope, RefusalReason

# scope-token = 1*( %x21 / %x23-5B / %x5D-7E ): printable ASCII without space, quote, backslash.
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


def is_scope_token(text: str) -> bool:
    """Tell whether `text` may name a scope."""
    return _SCOPE_TOKEN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of scope tokens; order and repetition mean nothing (§3.3).

    Made by `parse` or `of` it is valid. The constructor trusts its caller.
    """

    tokens: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the space-separated form.

        Raises:
            InvalidScope: a token holds a character outside the grammar, or there is none.
        """
        tokens = text.split(" ")
        if not all(map(is_scope_token, tokens)):
            raise InvalidScope(
                "The scope is malformed: scope tokens separated by single spaces are expected.",
                reason=RefusalReason.MALFORMED_REQUEST,
            )
        return cls(frozenset(tokens))

    @classmethod
    def of(cls, tokens: Iterable[str]) -> Self:
        """Return the set of `tokens`, each of which must be in the grammar.

        Raises:
            ValueError: one is not.
        """
        found = frozenset(tokens)
        for token in found:
            if not is_scope_token(token):
                raise ValueError(f"{token!r} is not a scope token (RFC 6749 section 3.3).")
        return cls(found)

    def covers(self, other: "Scope") -> bool:
        """Tell whether every token of `other` is here too."""
        return other.tokens <= self.tokens

    def __contains__(self, token: object) -> bool:
        return token in self.tokens

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.tokens))

    def __bool__(self) -> bool:
        return bool(self.tokens)

    def __str__(self) -> str:
        return " ".join(self)
