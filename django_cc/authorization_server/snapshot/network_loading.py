"""Read the networks of a client's row, once for each snapshot."""

import logging

from django_cc.protocol.networks import IPNetwork, parse_network

logger = logging.getLogger(__name__)


def read_networks(client_id: str, value: object) -> tuple[IPNetwork, ...] | None:
    """Return from where a client may ask for tokens; None for anywhere.

    A row that was altered by hand and cannot be read means nowhere, and is logged: it must neither
    open the client to everybody nor keep the others from being loaded.
    """
    if value == []:
        return None
    try:
        return _parse(value)
    except ValueError as problem:
        logger.error(
            "The allowed networks of the client %s cannot be read, it gets no token: %s",
            client_id,
            problem,
        )
        return ()


def _parse(value: object) -> tuple[IPNetwork, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("they are no list of texts.")
    return tuple(parse_network(text) for text in value)
