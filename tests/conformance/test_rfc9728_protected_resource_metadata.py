"""RFC 9728: what the APIs of this project tell about themselves."""

from typing import Any

import pytest
from django.test import Client as HTTPClient
from django.test.utils import override_script_prefix

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.apis.scope_editing import create_scope
from django_cc.protocol.metadata import protected_resource_metadata_url
from tests.machines import ACTOR, read_json
from tests.projects.combined import BILLING_API, ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db

WELL_KNOWN = "/.well-known/oauth-protected-resource"
STOCK = "https://testserver/stock"


@pytest.fixture
def stock(db: None) -> str:
    """An API at this host, with a path, a name and two scopes."""
    create_api(STOCK, ACTOR, name="Stock")
    for scope in ("stock:write", "stock:read"):
        create_scope(find_api(STOCK), scope, ACTOR)
    return STOCK


def fetch(
    path: str = WELL_KNOWN, method: str = "get", *, secure: bool = True, **headers: str
) -> Any:
    return getattr(HTTPClient(), method)(path, secure=secure, headers=headers)


@pytest.mark.rfc("9728", "2", "resource is REQUIRED; the others say what is true here")
@pytest.mark.rfc("9728", "3.2", "200 and application/json")
def test_describes_an_api_of_this_host(stock: str) -> None:
    answer = fetch(f"{WELL_KNOWN}/stock")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert read_json(answer) == {
        "resource": STOCK,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["stock:read", "stock:write"],
        "resource_name": "Stock",
    }


@pytest.mark.rfc("9728", "3.1", "The well-known part goes between host and path of the identifier")
@pytest.mark.rfc("9728", "3.3", "resource MUST be identical to the resource identifier")
@pytest.mark.parametrize(
    "identifier",
    [
        "https://testserver",
        "https://testserver/",
        "https://testserver:443/stock",
        "https://testserver/stock/",
        "https://testserver/t%C3%A9a/a",
        "https://testserver/stock?warehouse=1",
    ],
)
def test_is_found_where_a_client_looks_for_it(db: None, identifier: str) -> None:
    create_api(identifier, ACTOR)
    url = protected_resource_metadata_url(identifier) or ""

    answer = fetch(url.partition("testserver")[2].removeprefix(":443"))

    assert read_json(answer)["resource"] == identifier


@pytest.mark.rfc("9728", "3.2", "Parameters with zero values MUST be omitted")
def test_leaves_out_the_scopes_of_an_api_without_any(db: None) -> None:
    create_api(STOCK, ACTOR)

    assert "scopes_supported" not in read_json(fetch(f"{WELL_KNOWN}/stock"))


@pytest.mark.rfc("9728", "2", "authorization_servers: issuers as in their own metadata")
def test_leads_to_the_metadata_of_the_server(stock: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    [issuer] = read_json(fetch(f"{WELL_KNOWN}/stock"))["authorization_servers"]

    answer = HTTPClient().get(
        f"{issuer}/.well-known/oauth-authorization-server",
        secure=True,
        headers={"host": issuer.removeprefix("https://")},
    )

    assert read_json(answer)["issuer"] == issuer
    assert set(read_json(fetch(f"{WELL_KNOWN}/stock"))["scopes_supported"]) <= set(
        read_json(answer)["scopes_supported"]
    )


def test_describes_the_server_itself_at_the_place_of_its_issuer(db: None) -> None:
    document = read_json(fetch())

    assert document["resource"] == ISSUER
    assert document["scopes_supported"] == ["client:read", "introspection"]


def test_describes_the_server_behind_the_path_of_its_issuer(db: None, settings: Any) -> None:
    issuer = "https://example.com/tenant"
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": issuer}

    assert read_json(fetch(f"{WELL_KNOWN}/tenant"))["resource"] == issuer
    assert fetch().status_code == 404


def test_knows_this_host_by_its_issuer_where_a_proxy_renames_it(db: None) -> None:
    create_api(f"{ISSUER}/stock", ACTOR)

    assert read_json(fetch(f"{WELL_KNOWN}/stock"))["resource"] == f"{ISSUER}/stock"


def test_is_found_under_a_script_prefix(stock: str) -> None:
    with override_script_prefix("/app/"):
        answer = fetch(f"{WELL_KNOWN}/stock")

    assert read_json(answer)["resource"] == STOCK


@pytest.mark.rfc("9728", "3.3", "Nothing is said of an API that lives at another host")
@pytest.mark.parametrize("identifier", [ORDERS_API, BILLING_API])
def test_says_nothing_of_an_api_of_another_host(db: None, settings: Any, identifier: str) -> None:
    create_api(f"{identifier}/v1", ACTOR)

    elsewhere = fetch(f"{WELL_KNOWN}/v1")
    settings.ALLOWED_HOSTS = ["*"]
    there = fetch(f"{WELL_KNOWN}/v1", host=identifier.removeprefix("https://"))

    assert (elsewhere.status_code, there.status_code) == (404, 200)


@pytest.mark.rfc("9728", "3.2", "An error has a status of the 400s")
@pytest.mark.parametrize(
    "suffix", ["/unknown", "/stoc", "/stock/", "/STOCK", "stock", "/", "//", "/stock?x=1", "/%00"]
)
def test_answers_404_to_an_unknown_api(stock: str, suffix: str) -> None:
    answer = fetch(f"{WELL_KNOWN}{suffix}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert read_json(answer)["error"] == "invalid_request"


def test_forgets_an_api_that_is_a_plain_name(db: None) -> None:
    create_api("urn:example:stock", ACTOR)

    assert fetch(f"{WELL_KNOWN}/urn:example:stock").status_code == 404


@pytest.mark.rfc("9110", "13.1.2", "If-None-Match: 304 to GET and HEAD")
@pytest.mark.parametrize("method", ["get", "head"])
def test_sends_nothing_to_who_has_it_already(stock: str, method: str) -> None:
    tag = fetch(f"{WELL_KNOWN}/stock")["ETag"]

    answer = fetch(f"{WELL_KNOWN}/stock", method, **{"if-none-match": tag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["Cache-Control"] == "public, max-age=300"


@pytest.mark.rfc("9110", "9.3.2", "HEAD: the same header fields, no content")
def test_answers_head(stock: str) -> None:
    got, asked = fetch(f"{WELL_KNOWN}/stock"), fetch(f"{WELL_KNOWN}/stock", "head")

    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("ETag", "Cache-Control", "Content-Type"):
        assert asked[name] == got[name]


@pytest.mark.rfc("9110", "15.5.6", "405 with Allow")
@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_cannot_be_written(stock: str, method: str) -> None:
    answer = fetch(f"{WELL_KNOWN}/stock", method)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.rfc("9728", "3.1", "TLS MUST protect the metadata")
def test_refuses_plain_http(stock: str) -> None:
    answer = fetch(f"{WELL_KNOWN}/stock", secure=False)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")
