"""Settings are refused when wrong, by the name of their key."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_cc.authorization_server.settings import get_settings
from django_cc.resource_server.settings import get_settings as get_resource_server_settings


@pytest.fixture
def set_key(settings: Any) -> Any:
    """Return a function that changes one key of DJANGO_CC."""

    def change(key: str, value: Any) -> None:
        settings.DJANGO_CC = {**settings.DJANGO_CC, key: value}

    return change


WRONG: dict[str, list[Any]] = {
    "ISSUER": [
        None,
        "",
        "auth.example.com",
        "http://auth.example.com",
        "ftp://auth.example.com",
        "https://auth.example.com?x=1",
        "https://auth.example.com?",
        "https://auth.example.com#x",
        "https://user@auth.example.com",
        "https://[::1",
        "https://ä.example.com",
        "http://10.0.0.1",
    ],
    "TOKEN_LIFETIME": [0, 59, 86401, "600", True, 1.5, timedelta(milliseconds=1500)],
    "SECRET_MAX_AGE": [0, timedelta(hours=1), "never"],
    "PROPAGATION_SECONDS": [0, 61, None],
    "MAX_STALENESS_SECONDS": [0, 3601, 4],
    "SIGNING_ALGORITHM": ["HS256", "none", "", None],
    "KEY_ENCRYPTION_KEYS": ["one key as text"],
    "ALLOW_INSECURE_TRANSPORT": ["False", 1, None],
    "SUBJECT_PREFIX": [None],
    "JWKS_URI_ALLOWED_NETWORKS": ["10.0.0.0/8", ["10.0.0.1/8"], ["all"], [10], None, {}],
    "TRUSTED_PROXIES": [-1, "1", None, True],
    "APIS": [
        [],
        {"not a uri": {}},
        {"https://a.example.com#x": {}},
        {7: {}},
        {"https://" + "a" * 300: {}},
        {"https://a.example.com": []},
        {"https://a.example.com": {"scope": {}}},
        {"https://a.example.com": {"scopes": ["a"]}},
        {"https://a.example.com": {"scopes": {"two words": ""}}},
        {"https://a.example.com": {"scopes": {"a" * 256: ""}}},
        {"https://a.example.com": {"scopes": {7: ""}}},
        {"https://a.example.com": {"scopes": {"a": None}}},
        {"https://a.example.com": {"scopes": {"a": "x" * 256}}},
        {"https://a.example.com": {"name": "x" * 256}},
        {"https://a.example.com": {"name": 7}},
    ],
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param(key, value, id=f"{key}-{number}")
        for key, values in WRONG.items()
        for number, value in enumerate(values)
    ],
)
def test_refuses_a_wrong_value_by_its_key(set_key: Any, key: str, value: Any) -> None:
    set_key(key, value)

    with pytest.raises(ImproperlyConfigured, match=key):
        get_settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [("LEEWAY", 61), ("LEEWAY", -1), ("REALM", 'a"b'), ("REALM", ""), ("REALM", "a\\")],
)
def test_refuses_a_wrong_value_of_the_resource_server(set_key: Any, key: str, value: Any) -> None:
    set_key(key, value)

    with pytest.raises(ImproperlyConfigured, match=key):
        get_resource_server_settings()


GOOD = [
    ("ISSUER", "https://auth.example.com/tenants/one"),
    ("ISSUER", "https://auth.example.com:8443"),
    ("ISSUER", "http://127.0.0.1:8000"),
    ("ISSUER", "http://localhost:8000"),
    ("ISSUER", "http://[::1]:8000"),
    ("TOKEN_LIFETIME", timedelta(minutes=5)),
    ("SECRET_MAX_AGE", None),
    ("APIS", {"urn:example:orders": {"scopes": {"a": "b"}}}),
]


@pytest.mark.parametrize(("key", "value"), GOOD, ids=str)
def test_accepts_a_right_value(set_key: Any, key: str, value: Any) -> None:
    set_key(key, value)

    assert getattr(get_settings(), key.lower()) == value


def test_takes_seconds_for_a_duration(set_key: Any) -> None:
    set_key("TOKEN_LIFETIME", 300)

    assert get_settings().token_lifetime == timedelta(minutes=5)


def test_refuses_an_unknown_key_and_names_the_known_ones(set_key: Any) -> None:
    set_key("TOKEN_LIFETIM", 300)

    with pytest.raises(ImproperlyConfigured, match=r"TOKEN_LIFETIM\. Known here: .*TOKEN_LIFETIME"):
        get_settings()


def test_requires_an_issuer(settings: Any) -> None:
    settings.DJANGO_CC = {}

    with pytest.raises(ImproperlyConfigured, match=r"ISSUER.* is required"):
        get_settings()


def test_refuses_settings_that_are_no_dict(settings: Any) -> None:
    settings.DJANGO_CC = ["ISSUER"]

    with pytest.raises(ImproperlyConfigured, match="must be a dict"):
        get_settings()


def test_works_without_any_key_for_the_resource_server(settings: Any) -> None:
    del settings.DJANGO_CC

    assert get_resource_server_settings().leeway == timedelta(seconds=30)
