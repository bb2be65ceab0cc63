"""What a view names for a request: the rule that is there counts, also where it names nobody."""

from typing import Any

import pytest

from django_cc.resource_server.named_rules import read_names


@pytest.mark.parametrize(
    ("rule", "method", "action"),
    [
        ({"destroy": [], "DELETE": ["orders:write"]}, "DELETE", "destroy"),
        ({"HEAD": [], "GET": ["orders:read"]}, "HEAD", None),
        ({"OPTIONS": "", "GET": ["orders:read"]}, "OPTIONS", None),
    ],
    ids=str,
)
def test_an_empty_rule_is_not_passed_over_for_another(
    rule: Any, method: str, action: str | None
) -> None:
    assert read_names(rule, method=method, action=action) == ()


def test_what_has_no_rule_of_its_own_takes_that_of_get() -> None:
    assert read_names({"GET": "orders:read"}, method="HEAD") == ("orders:read",)
    assert read_names({"GET": "orders:read"}, method="POST") == ()
