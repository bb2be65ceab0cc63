"""RFC 7517: the JWK Set, and RFC 9110: how it is kept and asked for again."""

import json
from typing import Any

import pytest

from tests.machines import TokenEndpoint
from tests.signing_keys import fetch_jwks, run

pytestmark = pytest.mark.django_db


@pytest.mark.rfc("7517", "5", "A JWK Set is a JSON object that MUST have a keys member")
def test_is_an_object_with_keys(signing_key: None) -> None:
    answer = fetch_jwks()

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/jwk-set+json")
    assert list(json.loads(answer.content)) == ["keys"]


@pytest.mark.rfc("7517", "4", "kty MUST be present; kid, use and alg say what a key is for")
def test_says_what_each_key_is_for(signing_key: None) -> None:
    for key in json.loads(fetch_jwks().content)["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["use"], key["alg"]) == ("EC", "sig", "ES256")


@pytest.mark.rfc("7517", "4.5", "Different keys SHOULD use distinct kid values")
def test_has_no_kid_twice(signing_key: None) -> None:
    run("rotate", "--now")

    kids = [key["kid"] for key in json.loads(fetch_jwks().content)["keys"]]

    assert len(set(kids)) == len(kids) == 3


@pytest.mark.rfc("9111", "5.2.2.1", "max-age: fresh for so many seconds")
def test_may_be_kept_for_five_minutes(signing_key: None) -> None:
    assert fetch_jwks()["Cache-Control"] == "public, max-age=300"


@pytest.mark.rfc("9111", "5.2.2.5", "no-store: MUST NOT be kept")
def test_is_not_kept_while_it_is_empty(db: None) -> None:
    answer = fetch_jwks(**{"If-None-Match": "*"})

    assert (answer.status_code, json.loads(answer.content)) == (200, {"keys": []})
    assert answer["Cache-Control"] == "no-store"
    assert "ETag" not in answer


@pytest.mark.rfc("9110", "8.8.1", "A strong validator changes whenever the content does")
def test_has_another_etag_for_other_keys(signing_key: None) -> None:
    first, again = fetch_jwks()["ETag"], fetch_jwks()["ETag"]
    run("rotate", "--now")

    other = fetch_jwks()["ETag"]

    assert first == again
    assert first.startswith('"')
    assert other != first


MATCHING = ["{tag}", "W/{tag}", '"other", {tag}', '"other",W/{tag} , "third"', "*"]


@pytest.mark.rfc("9110", "13.1.2", "If-None-Match: weak comparison; 304 to GET and HEAD")
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("condition", MATCHING)
def test_sends_nothing_to_who_has_it_already(
    signing_key: None, condition: str, method: str
) -> None:
    tag = fetch_jwks()["ETag"]

    answer = fetch_jwks(method, **{"If-None-Match": condition.format(tag=tag)})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.rfc("9110", "15.4.5", "A 304 MUST carry ETag and Cache-Control as a 200 would")
def test_says_how_long_what_one_has_is_fresh(signing_key: None) -> None:
    tag = fetch_jwks()["ETag"]

    answer = fetch_jwks(**{"If-None-Match": tag})

    assert (answer["ETag"], answer["Cache-Control"]) == (tag, "public, max-age=300")


@pytest.mark.rfc("9110", "13.1.2", "No tag matches: the method is performed")
@pytest.mark.parametrize("condition", ['"other"', "other", "", '"', "W/", "{bare}"])
def test_sends_the_keys_to_who_has_others(signing_key: None, condition: str) -> None:
    tag = fetch_jwks()["ETag"]

    answer = fetch_jwks(**{"If-None-Match": condition.format(bare=tag.strip('"'))})

    assert answer.status_code == 200
    assert json.loads(answer.content)["keys"]


@pytest.mark.rfc("9110", "13.1.3", "If-Modified-Since is ignored without a modification date")
def test_ignores_a_date(signing_key: None) -> None:
    answer = fetch_jwks(**{"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"})

    assert answer.status_code == 200


@pytest.mark.rfc("9110", "13.1.4", "If-Unmodified-Since MUST be ignored without such a date")
def test_ignores_a_date_before_which_it_should_have_changed(signing_key: None) -> None:
    answer = fetch_jwks(**{"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"})

    assert answer.status_code == 200


@pytest.mark.rfc("9110", "9.3.2", "HEAD: the same header fields, no content")
def test_answers_head(signing_key: None) -> None:
    got, asked = fetch_jwks(), fetch_jwks("head")

    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("ETag", "Cache-Control", "Content-Type"):
        assert asked[name] == got[name]


@pytest.mark.rfc("9110", "15.5.6", "405 with Allow")
@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_cannot_be_written(signing_key: None, method: str) -> None:
    answer = fetch_jwks(method)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_is_printed_exactly_as_it_is_published(token_endpoint: TokenEndpoint) -> None:
    run("rotate", "--now")

    assert run("jwks").encode() == fetch_jwks().content + b"\n"


@pytest.mark.rfc("7517", "9.2", "Private members must not be published")
def test_names_no_private_member(signing_key: None) -> None:
    keys: list[dict[str, Any]] = json.loads(fetch_jwks().content)["keys"]

    assert not any(key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"} for key in keys)
