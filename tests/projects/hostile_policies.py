"""Policies that fail wherever DRF uses them."""

from typing import Any


class Explode:
    """Any policy class: it cannot even be made."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        raise AssertionError("A project's DRF default reached an OAuth endpoint.")


def explode(*arguments: Any) -> None:
    """Any policy function."""
    raise AssertionError("A project's DRF default reached an OAuth endpoint.")
