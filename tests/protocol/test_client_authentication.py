"""RFC 6749 §2.3: exactly one authentication method per request."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.client_authentication.authentication import authenticate_client
from django_cc.protocol.client_authentication.client_secret import ClientSecretCredentials
from django_cc.protocol.client_authentication.selection import read_credentials
from django_cc.protocol.errors import InvalidClient, InvalidRequest, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.names import ClientAuthenticationMethod
from tests.protocol.clients import NOW, SECRET, Directory, make_client, make_rules

CLIENT = make_client()
DIRECTORY = Directory(CLIENT)


def form(**parameters: str) -> Form:
    return Form({name: [value] for name, value in parameters.items()})


def basic(client_id: str = "billing-sync", secret: str = SECRET) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


BODY = {"client_id": "billing-sync", "client_secret": SECRET}

GOOD: dict[str, tuple[str | None, Form]] = {
    "Basic": (basic(), form()),
    "body": (None, form(**BODY)),
    "Basic and the same client_id": (basic(), form(client_id="billing-sync")),
    "Basic and an assertion type alone": (basic(), form(client_assertion_type="x")),
}


@pytest.mark.rfc("6749", "2.3.1", "MUST support Basic; MAY support credentials in the body")
@pytest.mark.parametrize(("authorization", "body"), GOOD.values(), ids=GOOD)
def test_authenticates_a_client_by_its_secret(authorization: str | None, body: Form) -> None:
    assert (
        authenticate_client(authorization, body, DIRECTORY, make_rules(), now=NOW).client is CLIENT
    )


@pytest.mark.parametrize(
    ("authorization", "body"),
    [(basic("nobody"), form()), (basic(secret="wrong"), form())],
    ids=["unknown client", "wrong secret"],
)
def test_refuses_a_client_that_proves_nothing(authorization: str, body: Form) -> None:
    with pytest.raises(InvalidClient):
        authenticate_client(authorization, body, DIRECTORY, make_rules(), now=NOW)


@pytest.mark.rfc("6749", "2.3.1", "Basic; RFC 9110 11.1: the scheme is case-insensitive")
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", " Basic ", "Basic   "])
def test_reads_basic_in_any_case_and_spacing(scheme: str) -> None:
    encoded = basic().removeprefix("Basic ")

    credentials = read_credentials(f"{scheme} {encoded} ", form())

    assert isinstance(credentials, ClientSecretCredentials)
    assert credentials.method is ClientAuthenticationMethod.CLIENT_SECRET_BASIC


def test_remembers_that_the_body_carried_the_credentials() -> None:
    credentials = read_credentials(None, form(**BODY))

    assert isinstance(credentials, ClientSecretCredentials)
    assert credentials.method is ClientAuthenticationMethod.CLIENT_SECRET_POST


TWO_METHODS: dict[str, tuple[str | None, Form]] = {
    "Basic and body": (basic(), form(**BODY)),
    "Basic and a secret alone": (basic(), form(client_secret=SECRET)),
    "broken Basic and body": ("Basic ***", form(**BODY)),
    "Bearer and body": ("Bearer a", form(**BODY)),
    "empty header and body": ("", form(**BODY)),
    "Basic and assertion": (basic(), form(client_assertion="a.b.c")),
    "body and assertion": (None, form(**BODY, client_assertion="a.b.c")),
}


@pytest.mark.rfc("6749", "2.3", "MUST NOT use more than one authentication method per request")
@pytest.mark.parametrize(("authorization", "body"), TWO_METHODS.values(), ids=TWO_METHODS)
def test_refuses_a_request_that_carries_two_kinds_of_credentials(
    authorization: str | None, body: Form
) -> None:
    with pytest.raises(InvalidRequest, match="more than one way"):
        read_credentials(authorization, body)


@pytest.mark.rfc("6749", "3.2.1", "client_id MUST be that of the client that authenticates")
@pytest.mark.parametrize("client_id", ["other", "Billing-Sync", "billing-sync "])
def test_refuses_another_client_id_in_the_body(client_id: str) -> None:
    with pytest.raises(InvalidRequest, match="not the one that authenticates"):
        read_credentials(basic(), form(client_id=client_id))


UNSUPPORTED: dict[str, tuple[str | None, Form]] = {
    "Bearer": ("Bearer a", form()),
    "Digest": ("Digest username=a", form()),
    "no scheme": ("", form()),
    "a tab after Basic": (basic().replace(" ", "\t"), form()),
    "assertion": (None, form(client_assertion="a.b.c", client_assertion_type="x")),
}


@pytest.mark.rfc("6749", "5.2", "invalid_client: unsupported authentication method")
@pytest.mark.parametrize(("authorization", "body"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_refuses_a_method_it_does_not_support(authorization: str | None, body: Form) -> None:
    with pytest.raises(InvalidClient) as refusal:
        read_credentials(authorization, body)

    assert refusal.value.reason is RefusalReason.AUTHENTICATION_METHOD_NOT_SUPPORTED


INCOMPLETE = {
    "nothing": form(),
    "client_id alone": form(client_id="billing-sync"),
    "client_secret alone": form(client_secret=SECRET),
    "assertion type alone": form(client_assertion_type="x"),
}


@pytest.mark.rfc("6749", "5.2", "invalid_client: no client authentication included")
@pytest.mark.parametrize("body", INCOMPLETE.values(), ids=INCOMPLETE)
def test_refuses_a_request_without_credentials(body: Form) -> None:
    with pytest.raises(InvalidClient) as refusal:
        read_credentials(None, body)

    assert refusal.value.reason is RefusalReason.NO_CREDENTIALS


def test_refuses_two_basic_credentials_joined_by_a_proxy() -> None:
    with pytest.raises(InvalidClient) as refusal:
        read_credentials(f"{basic()}, {basic()}", form())

    assert refusal.value.reason is RefusalReason.MALFORMED_CREDENTIALS


@settings(deadline=None)
@given(st.one_of(st.text(), st.text().map("Basic {}".format)))
def test_any_header_authenticates_nobody_by_chance(authorization: str) -> None:
    with pytest.raises((InvalidClient, InvalidRequest)):
        authenticate_client(authorization, form(), DIRECTORY, make_rules(), now=NOW)
