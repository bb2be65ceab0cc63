"""The strategy `jwt`: tokens are verified by keys that were fetched before."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.protocol.errors import InvalidToken, TemporarilyUnavailable
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.verification.issuer_settings import IssuerSettings
from django_cc.resource_server.verification.offline import OfflineIssuer
from django_cc.resource_server.verification.remembered import RememberedToken
from django_cc.resource_server.verification.token_memory import TokenMemory
from django_cc.resource_server.verification.verifier import IssuersVerifier
from tests.projects.combined import BILLING_API, ORDERS_API
from tests.protocol.tokens import private_key
from tests.resource_server.issuer_server import JWKS, METADATA, IssuerServer

HOUR = timedelta(hours=1)
COOL_DOWN = timedelta(seconds=31)
FOREVER = 10**9  # seconds: for tests that are about keys


class API:
    """An API that trusts one issuer, at a time of its own."""

    def __init__(self, issuer: str, **more: Any) -> None:
        self.now = datetime.now(UTC)
        self.memory: TokenMemory[RememberedToken] = TokenMemory(10)
        settings = IssuerSettings(issuer, (ORDERS_API,), "jwt", **more)
        self.verifier = IssuersVerifier(
            {issuer: OfflineIssuer(settings)},
            leeway=timedelta(seconds=30),
            remembered=self.memory,
        )

    def accept(self, token: str, audience: str = ORDERS_API) -> AccessToken:
        return self.verifier.verify(token, audience=audience, now=self.now)

    def refuses(self, token: str) -> bool:
        try:
            self.accept(token)
        except InvalidToken:
            return True
        return False


@pytest.fixture
def api(issuer: IssuerServer) -> API:
    return API(issuer.issuer)


@pytest.fixture
def lasting(issuer: IssuerServer) -> str:
    """A token that does not expire while a test plays with the clock."""
    return issuer.sign(exp=int(datetime.now(UTC).timestamp()) + FOREVER)


def refresh(api: API, issuer: IssuerServer) -> None:
    """Let the keys go stale, and fetch them again."""
    api.now += timedelta(minutes=6)
    assert api.refuses(issuer.sign(header={"kid": "unknown"}))


@pytest.mark.rfc("8414", "3", "Keys are found through the metadata of the issuer")
def test_finds_the_keys_by_the_issuer_alone(issuer: IssuerServer, api: API) -> None:
    assert api.accept(issuer.sign()).client_id == "reporting"
    assert issuer.asked == [METADATA, JWKS]


def test_asks_nobody_where_it_was_told_the_place_of_the_keys(issuer: IssuerServer) -> None:
    API(issuer.issuer, jwks_uri=f"{issuer.issuer}{JWKS}").accept(issuer.sign())

    assert issuer.asked == [JWKS]


def test_fetches_once_for_all_tokens(issuer: IssuerServer, api: API) -> None:
    for _ in range(5):
        api.accept(issuer.sign())

    assert issuer.count(JWKS) == 1


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_accepts_every_algorithm_that_it_knows(
    issuer: IssuerServer, api: API, algorithm: SigningAlgorithm
) -> None:
    issuer.keys = [private_key(algorithm).public_jwk()]

    assert api.accept(issuer.sign(key=private_key(algorithm))).client_id == "reporting"


def test_finds_a_new_key_by_one_more_fetch(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    new = PrivateKey.generate(SigningAlgorithm.ES256)
    issuer.keys.append(new.public_jwk())
    api.now += COOL_DOWN

    assert api.accept(issuer.sign(key=new)).client_id == "reporting"
    assert issuer.count(JWKS) == 2


def test_made_up_keys_cost_one_fetch_in_a_cool_down(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    api.now += COOL_DOWN

    refused = [api.refuses(issuer.sign(header={"kid": f"made up {n}"})) for n in range(20)]

    assert all(refused)
    assert issuer.count(JWKS) == 2


def test_a_token_without_a_key_costs_no_fetch(issuer: IssuerServer, api: API) -> None:
    assert api.refuses(issuer.sign(header={"kid": 7}))
    assert issuer.asked == []


def test_a_token_of_somebody_else_costs_no_fetch(issuer: IssuerServer, api: API) -> None:
    assert not api.verifier.recognises(issuer.sign(iss="https://evil.example"))
    assert api.refuses(issuer.sign(iss="https://evil.example"))
    assert issuer.asked == []


@pytest.mark.rfc("8414", "3.3", "The issuer MUST be identical to the identifier it was asked by")
@pytest.mark.parametrize("named", ["https://evil.example", "{issuer}/", None, 7])
def test_trusts_no_metadata_of_another_issuer(issuer: IssuerServer, api: API, named: Any) -> None:
    issuer.metadata["issuer"] = named.format(issuer=issuer.issuer) if named == str(named) else named

    with pytest.raises(TemporarilyUnavailable):
        api.accept(issuer.sign())
    assert issuer.asked == [METADATA]


@pytest.mark.parametrize("uri", [None, 7, "http://10.0.0.1 /", "file:///etc/passwd", ""], ids=repr)
def test_fetches_no_keys_from_a_place_that_is_none(
    issuer: IssuerServer, api: API, uri: Any
) -> None:
    issuer.metadata["jwks_uri"] = uri

    with pytest.raises(TemporarilyUnavailable):
        api.accept(issuer.sign())


def test_says_try_later_while_the_keys_were_never_fetched(
    issuer: IssuerServer, api: API, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.stop()

    with pytest.raises(TemporarilyUnavailable):
        api.accept(issuer.sign())
    assert f"The keys of {issuer.issuer} could not be fetched" in caplog.text


def test_an_outage_is_not_seen_until_the_bound(issuer: IssuerServer, lasting: str) -> None:
    api = API(issuer.issuer, jwks_max_stale=HOUR)
    api.accept(lasting)
    issuer.stop()
    fetched_at = api.now

    api.now = fetched_at + HOUR - timedelta(seconds=1)
    assert api.accept(lasting).client_id == "reporting"
    assert api.refuses(issuer.sign(header={"kid": "unknown"}))

    api.now = fetched_at + HOUR
    with pytest.raises(TemporarilyUnavailable):
        api.accept(lasting)


def test_goes_on_by_itself_after_an_outage(issuer: IssuerServer, api: API, lasting: str) -> None:
    issuer.stop()
    with pytest.raises(TemporarilyUnavailable):
        api.accept(lasting)
    issuer.start()
    api.now += COOL_DOWN

    assert api.accept(lasting).client_id == "reporting"


def test_a_dropped_key_ends_the_tokens_that_are_remembered(
    issuer: IssuerServer, api: API, lasting: str
) -> None:
    api.accept(lasting)
    issuer.keys = [PrivateKey.generate(SigningAlgorithm.ES256).public_jwk()]
    refresh(api, issuer)

    assert api.refuses(lasting)


def test_another_key_under_the_same_name_ends_them_too(
    issuer: IssuerServer, api: API, lasting: str
) -> None:
    api.accept(lasting)
    other = PrivateKey.generate(SigningAlgorithm.ES256).public_jwk()
    issuer.keys = [{**other, "kid": private_key().public_jwk()["kid"]}]
    refresh(api, issuer)

    assert api.refuses(lasting)


def test_the_same_key_fetched_anew_does_not(issuer: IssuerServer, api: API, lasting: str) -> None:
    api.accept(lasting)
    refresh(api, issuer)

    assert api.accept(lasting).client_id == "reporting"


def test_remembers_no_token_beyond_its_end(issuer: IssuerServer, api: API) -> None:
    token = issuer.sign(exp=int(api.now.timestamp()) + 60)
    api.accept(token)

    api.now += timedelta(seconds=89)
    assert not api.refuses(token)

    api.now += timedelta(seconds=2)
    assert api.refuses(token)


def test_remembers_no_token_for_another_api(issuer: IssuerServer) -> None:
    api = API(issuer.issuer)
    token = issuer.sign()
    api.accept(token)

    with pytest.raises(InvalidToken):
        api.accept(token, BILLING_API)


def test_an_issuer_vouches_for_the_apis_of_its_settings_alone(
    issuer: IssuerServer, api: API
) -> None:
    with pytest.raises(InvalidToken):
        api.accept(issuer.sign(aud=BILLING_API), BILLING_API)
    assert issuer.asked == []


def test_remembers_tokens_that_verified_and_no_others(issuer: IssuerServer, api: API) -> None:
    good = issuer.sign()
    api.accept(good)
    api.accept(good)
    forged = f"{good.rpartition('.')[0]}.{issuer.sign().rpartition('.')[2]}"

    assert api.refuses(forged)
    assert len(api.memory) == 1


def test_remembers_a_bounded_number(issuer: IssuerServer, api: API) -> None:
    tokens = [issuer.sign() for _ in range(30)]
    for token in tokens:
        api.accept(token)

    assert len(api.memory) == 10
    assert api.memory.find(tokens[-1]) is not None
    assert api.memory.find(tokens[0]) is None


def test_remembers_nothing_where_it_is_told_so() -> None:
    memory: TokenMemory[int] = TokenMemory(0)
    memory.add("token", 1)

    assert memory.find("token") is None
