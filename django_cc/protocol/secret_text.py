"""A secret as a type of its own, so that it cannot be printed or compared by accident."""

import hmac


class SecretText:
    """Text that must not leak: prints as `***` and compares in constant time only.

    It cannot be pickled, hashed or tested with `==`; `reveal()` is the one way out, easy to find
    in a review.
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key

    def __init__(self, text: str) -> None:
        """Wrap `text`."""
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the page or the digest that needs it."""
        return self._text

    def matches(self, other: "SecretText") -> bool:
        """Tell in constant time whether both hold the same text."""
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __eq__(self, other: object) -> bool:
        raise TypeError("Compare secrets with matches(), which takes constant time.")

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("A secret is never stored or sent to another process.")
