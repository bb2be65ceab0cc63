"""Views that speak nothing but JSON."""

import json
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from django_cc.resource_server.json_only import JSONNegotiation, JSONOnlyMixin
from django_cc.resource_server.permissions import HasRequiredScopes


class Echo(JSONOnlyMixin, APIView):
    """Repeats what it is told."""

    authentication_classes: Any = []
    permission_classes: Any = []

    def get(self, request: Any, **kwargs: Any) -> Response:
        return Response({"said": "nothing"})

    def post(self, request: Any) -> Response:
        return Response(request.data)


class Closed(Echo):
    """Lets nobody in."""

    permission_classes = [HasRequiredScopes]


def ask(view: type[APIView] = Echo, method: str = "get", path: str = "/", **more: Any) -> Any:
    kwargs = more.pop("kwargs", {})
    answer = view.as_view()(getattr(APIRequestFactory(), method)(path, **more), **kwargs)
    return answer.render()


ACCEPTS = [
    "text/html",
    "application/xml;q=1, */*;q=0",
    "application/json; indent=8",
    "",
    "nonsense",
]


@pytest.mark.rfc("9110", "12.5.1", "the server may disregard the Accept header field")
@pytest.mark.parametrize("accept", ACCEPTS)
def test_answers_in_json_whatever_is_accepted(accept: str) -> None:
    answer = ask(HTTP_ACCEPT=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.content == b'{"said":"nothing"}'
    assert "Accept" not in answer.get("Vary", "")


@pytest.mark.parametrize("path", ["/?format=api", "/?format=xml", "/?format=json"])
def test_does_not_look_at_the_query_for_a_format(path: str) -> None:
    assert ask(path=path).status_code == 200


@pytest.mark.parametrize(("suffix", "status"), [("json", 200), ("xml", 404), (None, 200)])
def test_knows_one_suffix(suffix: str | None, status: int) -> None:
    answer = ask(kwargs={"format": suffix})

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ERRORS: dict[str, tuple[type[APIView], str, dict[str, Any], int]] = {
    "a form": (
        Echo,
        "post",
        {"data": "a=1", "content_type": "application/x-www-form-urlencoded"},
        415,
    ),
    "no JSON": (Echo, "post", {"data": "{", "content_type": JSON}, 400),
    "no number": (Echo, "post", {"data": "[NaN]", "content_type": JSON}, 400),
    "a method": (Echo, "delete", {}, 405),
    "not let in": (Closed, "get", {}, 403),
}


@pytest.mark.parametrize(("view", "method", "more", "status"), ERRORS.values(), ids=ERRORS)
def test_reports_errors_in_json(
    view: type[APIView], method: str, more: dict[str, Any], status: int
) -> None:
    answer = ask(view, method, HTTP_ACCEPT="text/html", **more)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert "detail" in json.loads(answer.content)


def test_reads_json() -> None:
    answer = ask(
        method="post", data='{"a": [1, "é"]}', content_type="application/json; charset=utf-8"
    )

    assert json.loads(answer.content) == {"a": [1, "é"]}


def test_must_be_the_first_base() -> None:
    with pytest.raises(TypeError, match="Wrong: list JSONOnlyMixin before"):
        type("Wrong", (APIView, JSONOnlyMixin), {})


def test_may_be_refined() -> None:
    class Quieter(JSONNegotiation):
        """Negotiates as little."""

    kind: Any = type("Right", (JSONOnlyMixin, APIView), {"content_negotiation_class": Quieter})

    assert kind.content_negotiation_class is Quieter
