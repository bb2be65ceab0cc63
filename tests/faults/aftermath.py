"""What traffic shows of the time after a change: who still acted on what was before it."""

from collections.abc import Iterable

import jwt

from tests.faults.exchange import Exchange
from tests.faults.traffic import Traffic


def generation(token: str) -> int:
    """Return the generation of its client that a token was made for."""
    claims = jwt.decode(token, options={"verify_signature": False})
    found: int = claims["client_generation"]
    return found


def failures(traffic: Traffic) -> tuple[list[str], list[str]]:
    """Return the token requests and the calls that did not succeed."""
    calls = (one.exchange for one in traffic.calls)
    return _failed(traffic.mints), _failed(calls)


def slowest(exchanges: Iterable[Exchange], since: float) -> float:
    """Return how long after `since` the last of them was sent; 0.0 where none was."""
    return max((one.sent_at - since for one in exchanges if one.sent_at > since), default=0.0)


def spread(tokens: list[str], number: int) -> list[str]:
    """Return about `number` tokens, evenly chosen, always with the last."""
    step = max(1, len(tokens) // number)
    return tokens[::-1][::step]


def _failed(exchanges: Iterable[Exchange]) -> list[str]:
    return [str(one) for one in exchanges if one.status != 200]
