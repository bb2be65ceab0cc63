"""RFC 6750: bearer tokens in requests, challenges in answers."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.bearer import BearerChallenge, read_bearer_token
from django_cc.protocol.errors import InvalidRequest, InvalidToken

TOKEN_CHARACTERS = string.ascii_letters + string.digits + "-._~+/"


@pytest.mark.rfc("6750", "2.1", "MUST support the Authorization header; RFC 9110 11.1: any case")
@pytest.mark.parametrize(
    "header", ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "]
)
def test_reads_the_token_of_the_header(header: str) -> None:
    assert read_bearer_token(header) == "a.b.c"


@pytest.mark.parametrize(
    "header", [None, "", "Basic YTpi", "Bearerer a", "DPoP a", "a.b.c", "Bear er"]
)
def test_leaves_other_schemes_alone(header: str | None) -> None:
    assert read_bearer_token(header) is None


MALFORMED = ["", " ", " a b", " a,b", " a, Bearer b", " =a", " a=b", ' "a"', " a\n", " é", " a\tb"]


@pytest.mark.rfc("6750", "2.1", "credentials = Bearer 1*SP b64token")
@pytest.mark.parametrize("rest", MALFORMED, ids=ascii)
def test_refuses_what_is_not_one_token(rest: str) -> None:
    with pytest.raises(InvalidRequest):
        read_bearer_token(f"Bearer{rest}")


@pytest.mark.rfc("6750", "2.1", "One Authorization header; two are joined by a comma")
@pytest.mark.parametrize(
    "header", ["Basic YTpi,Bearer a", "DPoP a, bearer  b.c=", "X a, Bearer b, Y c"]
)
def test_refuses_a_bearer_token_behind_other_credentials(header: str) -> None:
    with pytest.raises(InvalidRequest):
        read_bearer_token(header)


@pytest.mark.parametrize(
    "header",
    ['Digest realm="a", uri="/x"', "Basic Bearer", 'Digest a="b", bearer=c', "X a, Bearer"],
)
def test_leaves_parameters_of_other_schemes_alone(header: str) -> None:
    assert read_bearer_token(header) is None


@pytest.mark.rfc("6750", "2.1", "b64token = 1*( ALPHA / DIGIT / - . _ ~ + / ) *=")
@settings(deadline=None)
@given(st.text(alphabet=TOKEN_CHARACTERS, min_size=1), st.text(alphabet="="))
def test_reads_every_token_of_the_grammar(start: str, padding: str) -> None:
    assert read_bearer_token(f"Bearer {start}{padding}") == start + padding


@settings(deadline=None)
@given(st.one_of(st.text(), st.text().map("Bearer {}".format)))
def test_any_header_is_read_or_refused(header: str) -> None:
    try:
        token = read_bearer_token(header)
    except InvalidRequest:
        return

    assert token is None or set(token) <= set(TOKEN_CHARACTERS + "=")


@pytest.mark.rfc("6750", "3.1", "No error code where no credentials were sent")
def test_a_challenge_to_a_stranger_has_a_realm_and_no_error() -> None:
    assert str(BearerChallenge("api")) == 'Bearer realm="api"'


@pytest.mark.rfc("6750", "3", "MUST include the WWW-Authenticate header field")
def test_a_challenge_reports_an_error() -> None:
    challenge = BearerChallenge.for_error(InvalidToken(), realm="api")

    assert str(challenge) == (
        'Bearer realm="api", error="invalid_token", '
        'error_description="The access token is invalid."'
    )


@pytest.mark.rfc("6750", "3.1", "insufficient_scope MAY include the scope attribute")
def test_a_challenge_names_the_scope_it_would_take() -> None:
    challenge = BearerChallenge.for_insufficient_scope({"write", "read"}, realm="api")

    assert str(challenge) == (
        'Bearer realm="api", error="insufficient_scope", '
        'error_description="The access token does not reach this resource.", scope="read write"'
    )


@pytest.mark.rfc("6750", "3", "scope MUST NOT appear more than once; empty it means nothing")
def test_a_challenge_without_a_known_scope_names_none() -> None:
    challenge = BearerChallenge.for_insufficient_scope((), realm="api")

    assert "scope=" not in str(challenge)


@pytest.mark.rfc("9728", "5.1", "resource_metadata: the URL of the protected resource metadata")
def test_a_challenge_tells_where_the_api_is_described() -> None:
    url = "https://orders.example.com/.well-known/oauth-protected-resource"

    stranger = BearerChallenge("api", resource_metadata=url)
    lacking = BearerChallenge.for_insufficient_scope(["a"], realm="api", resource_metadata=url)

    assert str(stranger) == f'Bearer realm="api", resource_metadata="{url}"'
    assert str(lacking).endswith(f'scope="a", resource_metadata="{url}"')
