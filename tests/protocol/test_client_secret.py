"""RFC 6749 §2.3.1: Basic credentials, and what a client secret must match."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.client import AuthenticationFamily, Client, StoredSecret
from django_cc.protocol.client_authentication.client_secret import (
    ClientSecretCredentials,
    digest_secret,
    read_basic,
    verify_client_secret,
)
from django_cc.protocol.errors import InvalidClient, RefusalReason
from django_cc.protocol.names import ClientAuthenticationMethod
from django_cc.protocol.secret_text import SecretText
from tests.protocol.clients import NOW, SECRET, make_client, stored

EXPIRED = NOW - timedelta(seconds=1)
LATER = NOW + timedelta(seconds=1)

texts = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"))


def encode(pair: bytes) -> str:
    return base64.b64encode(pair).decode()


def present(secret: str) -> ClientSecretCredentials:
    return ClientSecretCredentials(
        "billing-sync", SecretText(secret), ClientAuthenticationMethod.CLIENT_SECRET_BASIC
    )


PAIRS = [
    (b"s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw", "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"),  # §2.3.1
    (b"id:a:b", "id", "a:b"),
    (b"a%3Ab:c%3Ad", "a:b", "c:d"),
    (b"a+b:c%20d", "a b", "c d"),
    (b"%C3%A9:%2B", "é", "+"),
    (b"id:", "id", ""),
    (b":", "", ""),
]


@pytest.mark.rfc("6749", "2.3.1", "Basic: both halves form-urlencoded, split at the first colon")
@pytest.mark.parametrize(("pair", "client_id", "secret"), PAIRS, ids=repr)
def test_reads_basic_credentials(pair: bytes, client_id: str, secret: str) -> None:
    credentials = read_basic(encode(pair))

    assert credentials.client_id == client_id
    assert credentials.client_secret.reveal() == secret


def test_remembers_that_basic_carried_the_credentials() -> None:
    assert read_basic(encode(b"a:b")).method is ClientAuthenticationMethod.CLIENT_SECRET_BASIC


MALFORMED = {
    "empty": "",
    "no base64": "***",
    "base64url": encode(b"a:\xc3\xbf\xc3\xbf").replace("/", "_"),
    "a space": "YT pi",
    "a line end": "YTpi\n",
    "not ASCII": "YTpié",
    "padding missing": encode(b"a:bc").rstrip("="),
    "more after the padding": f"{encode(b'a:bc')}YTpi",
    "no colon": encode(b"ab"),
    "the colon encoded": encode(b"a%3Ab"),
    "a broken escape in the ID": encode(b"%zz:b"),
    "a broken escape in the secret": encode(b"a:100%"),
    "invalid UTF-8": encode(b"\xff:b"),
    "a NUL": encode(b"a\0:b"),
    "an encoded NUL": encode(b"a:%00"),
}


@pytest.mark.rfc("6749", "5.2", "invalid_client: client authentication failed")
@pytest.mark.parametrize("encoded", MALFORMED.values(), ids=MALFORMED)
def test_refuses_malformed_basic_credentials(encoded: str) -> None:
    with pytest.raises(InvalidClient) as refusal:
        read_basic(encoded)

    assert refusal.value.reason is RefusalReason.MALFORMED_CREDENTIALS


@settings(deadline=None)
@given(texts, texts)
def test_reads_whatever_a_client_encodes(client_id: str, secret: str) -> None:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"

    credentials = read_basic(encode(pair.encode()))

    assert (credentials.client_id, credentials.client_secret.reveal()) == (client_id, secret)


@settings(deadline=None)
@given(st.one_of(st.text(), st.binary().map(encode)))
def test_any_text_is_credentials_or_is_refused(encoded: str) -> None:
    try:
        credentials = read_basic(encoded)
    except InvalidClient:
        return

    assert "\0" not in credentials.client_id


def test_what_is_stored_names_its_digest() -> None:
    expected = hashlib.sha256(SECRET.encode()).hexdigest()

    assert digest_secret(SecretText(SECRET)) == f"sha256${expected}"


ACCEPTED = {
    "one that never ends": make_client(),
    "one that ends later": make_client(secrets=(stored(SECRET, LATER),)),
    "the second of two": make_client(secrets=(stored("other"), stored(SECRET))),
    "beside an expired one": make_client(secrets=(stored("other", EXPIRED), stored(SECRET))),
    "of a client that ends later": make_client(expires_at=LATER),
    "stored twice, once expired": make_client(secrets=(stored(SECRET, EXPIRED), stored(SECRET))),
}


@pytest.mark.rfc("6749", "4.4.2", "The client MUST authenticate")
@pytest.mark.parametrize("client", ACCEPTED.values(), ids=ACCEPTED)
def test_accepts_a_live_secret(client: Client) -> None:
    assert verify_client_secret(present(SECRET), client, now=NOW).client is client


REFUSED = {
    "unknown client": (None, SECRET, RefusalReason.UNKNOWN_CLIENT),
    "wrong secret": (make_client(), "wrong", RefusalReason.WRONG_SECRET),
    "empty secret": (make_client(), "", RefusalReason.WRONG_SECRET),
    "the stored digest": (make_client(), stored(SECRET).digest, RefusalReason.WRONG_SECRET),
    "no secret at all": (make_client(secrets=()), SECRET, RefusalReason.WRONG_SECRET),
    "expired secret": (
        make_client(secrets=(stored(SECRET, EXPIRED),)),
        SECRET,
        RefusalReason.EXPIRED_SECRET,
    ),
    "secret that ends now": (
        make_client(secrets=(stored(SECRET, NOW),)),
        SECRET,
        RefusalReason.EXPIRED_SECRET,
    ),
    "expired client": (make_client(expires_at=EXPIRED), SECRET, RefusalReason.CLIENT_EXPIRED),
    "client that ends now": (make_client(expires_at=NOW), SECRET, RefusalReason.CLIENT_EXPIRED),
    "expired client, wrong secret": (
        make_client(expires_at=EXPIRED),
        "wrong",
        RefusalReason.WRONG_SECRET,
    ),
    "disabled and expired client": (
        make_client(enabled=False, expires_at=EXPIRED),
        SECRET,
        RefusalReason.CLIENT_DISABLED,
    ),
    "disabled client": (make_client(enabled=False), SECRET, RefusalReason.CLIENT_DISABLED),
    "client that signs": (
        make_client(authentication=AuthenticationFamily.PRIVATE_KEY_JWT),
        SECRET,
        RefusalReason.METHOD_NOT_ALLOWED,
    ),
    "disabled, wrong secret": (make_client(enabled=False), "wrong", RefusalReason.WRONG_SECRET),
}


@pytest.mark.parametrize(("client", "secret", "reason"), REFUSED.values(), ids=REFUSED)
def test_keeps_the_cause_of_a_refusal_for_the_log(
    client: Client | None, secret: str, reason: RefusalReason
) -> None:
    with pytest.raises(InvalidClient) as refusal:
        verify_client_secret(present(secret), client, now=NOW)

    assert refusal.value.reason is reason


@pytest.mark.rfc("6749", "5.2", "The same answer for an unknown client and a wrong secret")
@pytest.mark.parametrize(("client", "secret", "reason"), REFUSED.values(), ids=REFUSED)
def test_says_the_same_words_for_every_cause(
    client: Client | None, secret: str, reason: RefusalReason
) -> None:
    with pytest.raises(InvalidClient) as refusal:
        verify_client_secret(present(secret), client, now=NOW)

    assert refusal.value.description == "Client authentication failed."


@pytest.mark.parametrize(
    ("client", "client_id"),
    [(None, None), (make_client(), "billing-sync")],
    ids=["unknown", "known"],
)
def test_a_refusal_names_the_client_only_when_it_is_registered(
    client: Client | None, client_id: str | None
) -> None:
    with pytest.raises(InvalidClient) as refusal:
        verify_client_secret(present("wrong"), client, now=NOW)

    assert refusal.value.client_id == client_id


class Foreign:
    """Another system's way to digest: it takes whatever ends with what it is told."""

    def __init__(self, right: str) -> None:
        self.right = right
        self.asked: list[str] = []

    def find_match(
        self, secret: SecretText, client: Client, stored: Sequence[StoredSecret], *, now: datetime
    ) -> StoredSecret | None:
        self.asked += [one.digest for one in stored]
        return StoredSecret("sha256$new", None) if secret.reveal() == self.right else None


OLD = StoredSecret("toolkit$hash", None)
BOTH = make_client(secrets=(OLD, stored(SECRET)))


def test_asks_for_a_foreign_digest_only_where_no_other_matches() -> None:
    foreign = Foreign("old")

    verify_client_secret(present(SECRET), BOTH, foreign, now=NOW)
    assert foreign.asked == []
    accepted = verify_client_secret(present("old"), BOTH, foreign, now=NOW)

    assert foreign.asked == ["toolkit$hash"]
    assert accepted.credential.id == "sha256$new"


def test_refuses_what_a_foreign_digest_does_not_match() -> None:
    with pytest.raises(InvalidClient) as refusal:
        verify_client_secret(present("wrong"), BOTH, Foreign("old"), now=NOW)

    assert refusal.value.reason is RefusalReason.WRONG_SECRET


NOT_ASKED = {
    "unknown client": None,
    "no foreign digest": make_client(),
    "an expired one": make_client(secrets=(StoredSecret("toolkit$hash", EXPIRED),)),
    "disabled client": make_client(secrets=(OLD,), enabled=False),
    "expired client": make_client(secrets=(OLD,), expires_at=EXPIRED),
    "client that signs": make_client(
        secrets=(OLD,), authentication=AuthenticationFamily.PRIVATE_KEY_JWT
    ),
}


@pytest.mark.parametrize("client", NOT_ASKED.values(), ids=NOT_ASKED)
def test_does_no_slow_work_where_it_could_change_nothing(client: Client | None) -> None:
    foreign = Foreign("old")

    with pytest.raises(InvalidClient):
        verify_client_secret(present("old"), client, foreign, now=NOW)

    assert foreign.asked == []


def test_accepts_no_foreign_digest_unless_it_is_told_how() -> None:
    for secret in ("old", OLD.digest, "hash"):
        with pytest.raises(InvalidClient):
            verify_client_secret(present(secret), BOTH, now=NOW)
