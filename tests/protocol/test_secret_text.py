"""A secret that cannot be printed, compared or stored by accident."""

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from django_cc.protocol.secret_text import SecretText

SECRET = SecretText("hunter2")

PRINTERS: dict[str, Callable[[SecretText], str]] = {
    "str": str,
    "repr": repr,
    "format": lambda secret: f"{secret}",
    "format with a width": lambda secret: f"{secret!s:>10}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - logging does this
    "in a list": lambda secret: str([secret]),
}


@pytest.mark.parametrize("printer", PRINTERS.values(), ids=PRINTERS)
def test_prints_as_stars(printer: Callable[[SecretText], str]) -> None:
    printed = printer(SECRET)

    assert "***" in printed
    assert "hunter2" not in printed


def test_reveals_itself_when_asked() -> None:
    assert SECRET.reveal() == "hunter2"


@pytest.mark.parametrize(
    ("other", "same"),
    [("hunter2", True), ("hunter3", False), ("", False), ("hünter2", False)],
)
def test_matches_a_secret_of_the_same_text(other: str, same: bool) -> None:
    assert SECRET.matches(SecretText(other)) is same


LEAKS: dict[str, Callable[[], object]] = {
    "== another secret": lambda: SecretText("hunter2") == SECRET,
    "!= text": lambda: SECRET != "hunter2",
    "in a list": lambda: SecretText("hunter2") in [SECRET],
    "hash": lambda: hash(SECRET),
    "pickle": lambda: pickle.dumps(SECRET),
    "copy": lambda: copy.copy(SECRET),
    "deepcopy": lambda: copy.deepcopy({"secret": SECRET}),
    "json": lambda: json.dumps(SECRET),
    "attributes": lambda: vars(SECRET),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_cannot_be_compared_hashed_or_stored(leak: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        leak()
