"""The OpenAPI document that drf-spectacular makes of a project with our permissions."""

import textwrap
from typing import Any

import pytest

from tests.projects.probe import probe_project

SCHEME = "clientCredentials"


GENERATE = textwrap.dedent(
    """
    import io
    import django
    django.setup()
    from django.core.management import call_command
    document = io.StringIO()
    options = {"format": "openapi-json", "validate": True, "fail_on_warn": True}
    call_command("spectacular", stdout=document, **options)
    print(document.getvalue())
    """
)


@pytest.fixture(scope="module")
def document() -> Any:
    """The document as a project makes it, validated, warnings as errors."""
    return probe_project("documented", GENERATE)


def ways_in(document: Any, path: str, method: str = "get") -> list[list[str]]:
    """Return the sets of scopes that let a machine in."""
    security = document["paths"][path][method].get("security", [])
    return [way[SCHEME] for way in security if SCHEME in way]


@pytest.mark.rfc("6749", "4.4", "Clients that read the document know the flow and the endpoint")
def test_names_the_flow_the_token_url_and_every_scope(document: Any) -> None:
    assert document["components"]["securitySchemes"][SCHEME] == {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "https://auth.example.com/oauth/token",
                "scopes": {
                    "reports:admin": "",
                    "reports:read": "See reports",
                    "reports:write": "",
                },
            }
        },
    }


def test_sends_clients_where_the_project_says_that_tokens_are_to_be_had() -> None:
    configured = "https://elsewhere.example.com/token"
    setting = f"settings.SPECTACULAR_SETTINGS['OAUTH2_TOKEN_URL'] = {configured!r}"
    code = f"from django.conf import settings; {setting}\n{GENERATE}"

    scheme = probe_project("documented", code)["components"]["securitySchemes"][SCHEME]

    assert scheme["flows"]["clientCredentials"]["tokenUrl"] == configured


@pytest.mark.parametrize(
    ("path", "method", "scopes"),
    [
        ("/reports/", "get", [["reports:read"]]),
        ("/reports/", "post", [["reports:read", "reports:write"]]),
        ("/any-of/", "get", [["reports:read"], ["reports:admin"]]),
        ("/people-too/", "get", [["reports:read"]]),
        ("/every-machine/", "get", [[]]),
        ("/one-client/", "get", [["reports:admin"]]),
        ("/all-but-one/", "get", [["reports:read"]]),
        ("/one-client-or-people/", "get", [["reports:admin"]]),
        ("/people-alone/", "get", []),
        ("/public/", "get", []),
        ("/no-machine/", "get", []),
    ],
)
def test_says_of_each_operation_what_lets_a_machine_in(
    document: Any, path: str, method: str, scopes: list[list[str]]
) -> None:
    assert ways_in(document, path, method) == scopes
