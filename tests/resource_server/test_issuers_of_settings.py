"""ISSUER, AUDIENCE and ISSUERS: what is wrong is refused by the name of its key."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_cc.resource_server.configured_issuers import read_issuers
from django_cc.resource_server.settings import ResourceServerSettings, get_settings
from django_cc.resource_server.verification import strategies

IDP = "https://idp.example"
API = "https://api.example.com"
MACHINE = {"client_id": "api", "client_secret": "secret"}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a project without the authorization server."""
    monkeypatch.delitem(strategies._makers, strategies.LOCAL)


def read(*entries: Any, issuer: Any = None, audience: Any = None) -> Any:
    return read_issuers(issuer, audience, list(entries))


def test_one_issuer_takes_two_settings(alone: None) -> None:
    (found,) = ResourceServerSettings(issuer=IDP, audience=API).trusted_issuers

    assert (found.issuer, found.audience, found.verification) == (IDP, (API,), "jwt")


def test_the_project_itself_takes_none_but_its_name() -> None:
    (found,) = get_settings().trusted_issuers

    assert (found.audience, found.verification) == ((), "local")


def test_takes_several_issuers_and_apis(alone: None) -> None:
    found = read(
        {"issuer": "https://a.example", "audience": [API, "urn:x:y", API]},
        {"issuer": "https://b.example", "audience": API, "verification": "introspection"} | MACHINE,
        issuer=IDP,
        audience=API,
    )

    assert [one.issuer for one in found] == [IDP, "https://a.example", "https://b.example"]
    assert [one.verification for one in found] == ["jwt", "jwt", "introspection"]
    assert found[1].audience == (API, "urn:x:y")


def test_takes_places_that_metadata_would_name() -> None:
    uris = {"jwks_uri": "https://keys.example/", "introspection_endpoint": "https://i.example/"}
    entry = {"issuer": IDP, "audience": API, "verification": "introspection", **MACHINE, **uris}

    found = read(entry)[0]

    assert {name: getattr(found, name) for name in uris} == uris


def test_takes_plain_http_on_loopback() -> None:
    local = "http://127.0.0.1:8000"

    found = read({"issuer": local, "audience": API, "jwks_uri": f"{local}/keys"})

    assert found[0].jwks_uri == "http://127.0.0.1:8000/keys"


WRONG_ALONE: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, '["ISSUER"] is required'),
    "no audience": ({"issuer": IDP}, '["AUDIENCE"] is required'),
    "no issuer": ({"audience": API}, '["AUDIENCE"] goes with ISSUER'),
    "plain http": ({"issuer": "http://idp.example", "audience": API}, '["ISSUER"] must start'),
    "no host": ({"issuer": "https://", "audience": API}, '["ISSUER"] must be a URL'),
    "port": ({"issuer": "https://idp.example:x", "audience": API}, '["ISSUER"] is not a URL'),
    "number": ({"issuer": 7, "audience": API}, '["ISSUER"] must be the URL'),
    "empty list": ({"issuer": IDP, "audience": []}, '["AUDIENCE"] is required'),
    "dict": ({"issuer": IDP, "audience": {API: 1}}, '["AUDIENCE"] is required'),
    "no uri": ({"issuer": IDP, "audience": "orders"}, "holds 'orders'"),
    "a number": ({"issuer": IDP, "audience": [API, 7]}, "holds 7"),
}


@pytest.mark.parametrize(("keys", "words"), WRONG_ALONE.values(), ids=WRONG_ALONE)
def test_says_what_is_wrong_with_one_issuer(alone: None, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        ResourceServerSettings(**keys)

    assert words in str(caught.value)


GOOD = {"issuer": IDP, "audience": API}
ASKED = {**GOOD, "verification": "introspection"}
WRONG_ENTRIES: dict[str, tuple[Any, str]] = {
    "no dict": ("https://idp.example", "entry 0 must be a dict"),
    "unknown key": ({**GOOD, "audiance": API}, "entry 0 must be a dict with keys among: issuer"),
    "no issuer": ({"audience": API}, '["ISSUERS"][0]["issuer"] must be the URL'),
    "no audience": ({"issuer": IDP}, '["ISSUERS"][0]["audience"] is required'),
    "strategy": ({**GOOD, "verification": "magic"}, "must be one of: jwt, introspection, local"),
    "local": ({**GOOD, "verification": "local"}, "can be local for the issuer of ISSUER alone"),
    "no client": (ASKED, '["client_id"] is required'),
    "no secret": ({**ASKED, "client_id": "api"}, '["client_secret"] is required'),
    "secret": ({**ASKED, **MACHINE, "client_secret": 7}, '["client_secret"] is required'),
    "idle secret": ({**GOOD, "client_secret": "x"}, '["client_secret"] has no use without'),
    "idle place": ({**GOOD, "introspection_endpoint": "https://x/"}, "has no use without"),
    "place": ({**GOOD, "jwks_uri": "keys"}, '["jwks_uri"] must be a URL'),
    "plain place": ({**GOOD, "jwks_uri": "http://127.0.0.1/"}, "must start with https://, as its"),
}


@pytest.mark.parametrize(("entry", "words"), WRONG_ENTRIES.values(), ids=WRONG_ENTRIES)
def test_says_what_is_wrong_with_an_entry(entry: Any, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(entry)

    assert words in str(caught.value)


def test_shows_no_secret() -> None:
    settings = ResourceServerSettings(issuers=[{**ASKED, **MACHINE, "client_secret": "hush"}])

    assert "hush" not in repr(settings) + repr(settings.trusted_issuers)


def test_repeats_no_secret_that_is_wrong() -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read({**ASKED, "client_id": "api", "client_secret": 774411})

    assert "774411" not in str(caught.value)


def test_refuses_an_issuer_twice() -> None:
    with pytest.raises(ImproperlyConfigured, match="names an issuer twice"):
        read(GOOD, GOOD)


@pytest.mark.parametrize("issuers", [IDP, {"issuer": IDP}, None], ids=repr)
def test_refuses_what_is_no_list(issuers: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="must be a list of dicts"):
        read_issuers(None, None, issuers)


def test_refuses_an_audience_for_what_the_project_issues_itself() -> None:
    with pytest.raises(ImproperlyConfigured, match='"AUDIENCE"] has no use here'):
        read(issuer=IDP, audience=API)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("JWKS_MAX_STALE", 299),
        ("JWKS_MAX_STALE", 86_401),
        ("INTROSPECTION_CACHE_SECONDS", 301),
        ("INTROSPECTION_CACHE_SECONDS", -1),
        ("REMEMBERED_TOKENS", -1),
        ("REMEMBERED_TOKENS", True),
        ("REMEMBERED_TOKENS", None),
    ],
)
def test_refuses_bounds_that_are_none(settings: Any, key: str, value: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, key: value}

    with pytest.raises(ImproperlyConfigured, match=key):
        get_settings()
