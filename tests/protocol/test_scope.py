"""RFC 6749 §3.3: the scope grammar."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.errors import InvalidScope, RefusalReason
from django_cc.protocol.scope import Scope, is_scope_token

GRAMMAR = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
OUTSIDE = [chr(code) for code in range(0x80) if chr(code) not in GRAMMAR] + [
    "é",
    "\u2028",
    "\ud800",
]

scope_tokens = st.text(alphabet=GRAMMAR, min_size=1, max_size=8)


@pytest.mark.rfc("6749", "3.3", "scope-token = 1*( %x21 / %x23-5B / %x5D-7E )")
@pytest.mark.parametrize("character", OUTSIDE, ids=ascii)
def test_no_character_outside_the_grammar_names_a_scope(character: str) -> None:
    assert not is_scope_token(f"a{character}b")


@pytest.mark.rfc("6749", "3.3", "scope-token = 1*( %x21 / %x23-5B / %x5D-7E )")
@pytest.mark.parametrize("character", GRAMMAR, ids=ascii)
def test_every_character_of_the_grammar_names_a_scope(character: str) -> None:
    assert is_scope_token(character)


@pytest.mark.parametrize("text", ["", "read\n", "\nread"], ids=ascii)
def test_a_scope_token_has_a_character_and_no_line_end(text: str) -> None:
    assert not is_scope_token(text)


@pytest.mark.rfc("6749", "3.3", "The order of scope strings does not matter")
def test_order_and_repetition_mean_nothing() -> None:
    assert Scope.parse("b a b") == Scope.parse("a b")


@pytest.mark.rfc("6749", "3.3", "scope-tokens are case-sensitive")
def test_upper_case_names_another_scope() -> None:
    assert Scope.parse("Read") != Scope.parse("read")


MALFORMED = ["", " ", " a", "a ", "a  b", "a\tb", "a\nb", 'a"b', "a\\b", "a\u00a0b", "é", "a\0"]


@pytest.mark.rfc("6749", "3.3", "scope = scope-token *( SP scope-token )")
@pytest.mark.parametrize("text", MALFORMED, ids=ascii)
def test_refuses_malformed_text(text: str) -> None:
    with pytest.raises(InvalidScope) as refusal:
        Scope.parse(text)

    assert refusal.value.reason is RefusalReason.MALFORMED_REQUEST


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_scope_or_is_refused(text: str) -> None:
    try:
        scope = Scope.parse(text)
    except InvalidScope:
        return

    assert set(scope) == set(text.split(" "))


@settings(deadline=None)
@given(st.frozensets(scope_tokens, min_size=1))
def test_what_is_written_is_read_back(tokens: frozenset[str]) -> None:
    scope = Scope.of(tokens)

    assert Scope.parse(str(scope)) == scope


@settings(deadline=None)
@given(st.frozensets(scope_tokens), st.frozensets(scope_tokens))
def test_a_scope_covers_each_part_of_it(one: frozenset[str], other: frozenset[str]) -> None:
    whole = Scope.of(one | other)

    assert whole.covers(Scope.of(one))


def test_a_scope_does_not_cover_what_it_lacks() -> None:
    assert not Scope.parse("read").covers(Scope.parse("read write"))


def test_is_written_in_order() -> None:
    assert str(Scope.parse("write read")) == "read write"


def test_contains_its_tokens_and_nothing_else() -> None:
    scope = Scope.parse("read")

    assert "read" in scope
    assert "rea" not in scope
    assert 7 not in scope


@pytest.mark.parametrize(("tokens", "truth"), [([], False), (["read"], True)], ids=["none", "one"])
def test_is_true_when_it_holds_a_token(tokens: list[str], truth: bool) -> None:
    assert bool(Scope.of(tokens)) is truth


def test_naming_a_scope_outside_the_grammar_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="not a scope token"):
        Scope.of(["read", "two words"])
