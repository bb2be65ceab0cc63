"""RFC 8414: the metadata document."""

import json
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as HTTPClient
from django.test.utils import override_script_prefix
from django.urls import include, path

from django_cc.protocol.names import ClientAuthenticationMethod, SigningAlgorithm
from tests.assertions import register_with_key
from tests.machines import TokenEndpoint, encode, read_json, register
from tests.projects.combined import ISSUER
from tests.protocol.tokens import private_key

METHODS = list(ClientAuthenticationMethod)
ALGORITHMS = [*SigningAlgorithm, "Ed25519"]
WELL_KNOWN = "/.well-known/oauth-authorization-server"

pytestmark = pytest.mark.django_db

# A project that mounts everything under a path of its own; the tests below make it the URLconf.
urlpatterns = [path("tenant/", include("django_cc.urls"))]


def fetch(path: str = WELL_KNOWN, method: str = "get", **more: Any) -> Any:
    return getattr(HTTPClient(), method)(path, secure=True, **more)


@pytest.mark.rfc("9700", "2.6", "Authorization servers SHOULD publish their metadata")
@pytest.mark.rfc("8414", "3.2", "200 and application/json")
def test_is_json() -> None:
    answer = fetch()

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.rfc("8414", "3.3", "issuer MUST be identical to the issuer identifier")
def test_names_the_issuer_byte_for_byte() -> None:
    assert json.loads(fetch().content)["issuer"] == ISSUER


@pytest.mark.rfc("8414", "2", "grant_types_supported given, for its default is another")
def test_says_what_works_and_nothing_else() -> None:
    assert json.loads(fetch().content) == {
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/oauth/token",
        "jwks_uri": f"{ISSUER}/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint": f"{ISSUER}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": [*METHODS, "Bearer"],
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": [
            "billing:read",
            "client:read",
            "introspection",
            "orders:read",
            "orders:write",
            "shared:read",
        ],
    }


@pytest.mark.rfc("8414", "3.1", "The well-known part goes between host and issuer path")
def test_is_found_behind_the_path_of_the_issuer(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/tenants/one"}

    answer = fetch(f"{WELL_KNOWN}/tenants/one")

    assert json.loads(answer.content)["issuer"] == "https://example.com/tenants/one"


@pytest.mark.rfc("8414", "3.1", "A terminating slash of the issuer is removed")
def test_is_found_without_the_last_slash_of_the_issuer(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/one/"}

    answer = fetch(f"{WELL_KNOWN}/one")

    assert json.loads(answer.content)["issuer"] == "https://example.com/one/"


@pytest.mark.rfc("8414", "3.1", "The path is the issuer's, percent-encoded as it is there")
def test_is_found_behind_a_path_that_needs_percent_encoding(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/caf%C3%A9"}

    answer = fetch(f"{WELL_KNOWN}/caf%C3%A9")

    assert json.loads(answer.content)["issuer"] == "https://example.com/caf%C3%A9"


ENDPOINTS = ("token_endpoint", "revocation_endpoint", "introspection_endpoint", "jwks_uri")


def list_paths(document: dict[str, Any]) -> list[str]:
    return [document[name].removeprefix("https://example.com") for name in ENDPOINTS]


@pytest.mark.rfc("8414", "3.1", "The well-known part goes between host and issuer path")
def test_names_endpoints_under_a_script_prefix_as_they_are_reached(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/app"}
    with override_script_prefix("/app/"):
        document = json.loads(fetch(f"{WELL_KNOWN}/app").content)

    assert document["issuer"] == "https://example.com/app"
    assert list_paths(document) == [
        "/app/oauth/token",
        "/app/oauth/revoke",
        "/app/oauth/introspect",
        "/app/oauth/jwks",
    ]


def test_names_endpoints_that_are_mounted_elsewhere_as_they_are_reached(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/tenant"}

    document = json.loads(fetch(f"/tenant{WELL_KNOWN}/tenant").content)

    assert list_paths(document)[0] == "/tenant/oauth/token"
    for path_of_endpoint in list_paths(document):
        assert fetch(path_of_endpoint, "head").status_code in {200, 405}


@pytest.mark.rfc("8414", "3", "The document is at the root of the host and nowhere else")
def test_is_not_found_under_the_path_of_the_issuer(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/tenant"}

    assert fetch(f"/tenant{WELL_KNOWN}").status_code == 404


@pytest.mark.rfc("8414", "2", "Every endpoint that is named works with every method named for it")
@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_advertises_for_each_endpoint_what_works_there(
    token_endpoint: TokenEndpoint, endpoint: str
) -> None:
    document = json.loads(fetch().content)
    target = document[f"{endpoint}_endpoint"].removeprefix(ISSUER)
    answers = {}

    for method in document[f"{endpoint}_endpoint_auth_methods_supported"]:
        body, header = authenticate_by(method, token_endpoint)
        answers[method] = token_endpoint.post(body, authorization=header, path=target).status_code

    assert set(answers.values()) == {200}


def authenticate_by(method: str, endpoint: TokenEndpoint) -> tuple[str, str | None]:
    form = {"grant_type": "client_credentials", "resource": ISSUER, "token": "x"}
    if method == "private_key_jwt":
        return register_with_key().body(token="x", resource=ISSUER), None
    machine = register(method, scopes=["introspection"])
    if method == "client_secret_post":
        return encode({**form, **machine.body_credentials()}), None
    if method == "client_secret_basic":
        return encode(form), machine.basic()
    token = endpoint.access_token(machine, resource=ISSUER)
    return encode({"token": "x"}), f"Bearer {token}"


@pytest.mark.rfc("8414", "2", "Every signature that is named for assertions is accepted")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_advertises_the_algorithms_of_assertions_that_work(
    token_endpoint: TokenEndpoint, algorithm: SigningAlgorithm
) -> None:
    document = json.loads(fetch().content)
    for endpoint in ("token", "revocation", "introspection"):
        name = f"{endpoint}_endpoint_auth_signing_alg_values_supported"
        assert algorithm in document[name]
        assert "none" not in document[name]

    signer = register_with_key(key=private_key(algorithm))

    assert token_endpoint.post(signer.body()).status_code == 200


@pytest.mark.rfc("8414", "3.2", "Claims with zero elements MUST be omitted")
def test_omits_every_list_that_is_empty_but_the_one_that_is_required() -> None:
    document = json.loads(fetch().content)

    assert [name for name, value in document.items() if not value] == ["response_types_supported"]


@pytest.mark.rfc("8414", "3.1", "The document is asked for by GET")
@pytest.mark.rfc("9110", "15.5.6", "405 with Allow")
@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_cannot_be_written(method: str) -> None:
    answer = fetch(method=method)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.rfc("9110", "9.3.2", "HEAD: the same header fields, no content")
def test_answers_head() -> None:
    got, asked = fetch(), fetch(method="head")

    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("ETag", "Cache-Control", "Content-Type"):
        assert asked[name] == got[name]


@pytest.mark.rfc("9111", "5.2.2.1", "max-age: fresh for so many seconds")
@pytest.mark.rfc("9110", "13.1.2", "If-None-Match: 304 to GET and HEAD")
@pytest.mark.parametrize("method", ["get", "head"])
def test_sends_nothing_to_who_has_it_already(method: str) -> None:
    tag = fetch()["ETag"]

    answer = fetch(method=method, headers={"if-none-match": tag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["Cache-Control"] == fetch()["Cache-Control"] == "public, max-age=300"


@pytest.mark.rfc("9110", "8.8.1", "A strong validator changes whenever the content does")
def test_has_another_etag_after_a_change(settings: Any) -> None:
    before = fetch()["ETag"]
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com"}

    assert fetch()["ETag"] != before


@pytest.mark.rfc("8414", "3", "TLS MUST protect the metadata")
def test_refuses_plain_http() -> None:
    answer = HTTPClient().get(WELL_KNOWN)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("8414", "3.2", "An error has a status of the 400s")
@pytest.mark.parametrize("path", ["/another", "/", "x", "//"])
def test_is_not_found_for_another_issuer(path: str) -> None:
    answer = fetch(f"{WELL_KNOWN}{path}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_writes_nothing_of_the_path_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "django_cc"):
        fetch(f"{WELL_KNOWN}/%0d%1b[2Kforged")

    [line] = [r.getMessage() for r in caplog.records if r.name.startswith("django_cc")]
    assert line.startswith("MetadataView refused")
    assert "forged" not in line


def test_is_not_found_at_the_root_for_an_issuer_with_a_path(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/one"}

    assert fetch().status_code == 404


def test_believes_the_setting_and_not_the_host_header(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    answer = fetch(headers={"host": "evil.example"})

    assert "evil" not in answer.content.decode()


@pytest.mark.rfc("8414", "2", "The issuer is an https URL without query or fragment")
@pytest.mark.parametrize(
    "issuer", ["http://example.com", "https://example.com?x", "https://example.com#x", "example"]
)
def test_serves_no_issuer_that_could_not_be_one(settings: Any, issuer: str) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": issuer}

    with pytest.raises(ImproperlyConfigured, match="ISSUER"):
        fetch()


@pytest.mark.rfc("8414", "2", "A validator that others wrote finds nothing wrong")
@pytest.mark.parametrize("path", ["", "/tenants/one"])
def test_authlib_finds_nothing_wrong_with_it(settings: Any, path: str) -> None:
    issuer = f"https://auth.example.com{path}"
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": issuer}
    metadata = AuthorizationServerMetadata(json.loads(fetch(get_well_known_url(issuer)).content))

    # It takes an empty list for none. The RFC demands one, and a server without an authorization
    # endpoint has nothing to put in.
    assert metadata.pop("response_types_supported") == []
    metadata["response_types_supported"] = ["none"]
    metadata.validate()
