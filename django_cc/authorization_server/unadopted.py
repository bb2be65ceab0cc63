"""Record that the toolkit refused client credentials to an application that is not adopted."""

import logging
from datetime import UTC, datetime

from django.http import HttpRequest

from django_cc.authorization_server.client_address import find_client_address
from django_cc.authorization_server.recording import record_refused
from django_cc.authorization_server.refusals.buffer import Refusal
from django_cc.authorization_server.refusals.reference import make_reference
from django_cc.protocol.errors import RefusalReason

logger = logging.getLogger(__name__)

_MOST_CHARACTERS = 255


def record_unadopted(client_id: str, request: HttpRequest) -> str:
    """Keep the refusal for the audit trail, up to the caps of every refusal; return its reference.

    Args:
        client_id: of an application that has authenticated, so no stranger's text.
        request: for the address alone; its META is enough.
    """
    # Users of the toolkit choose the client IDs of their applications themselves.
    named = client_id[:_MOST_CHARACTERS] if client_id.isprintable() else ""
    reference, address = make_reference(), find_client_address(request)
    reason = RefusalReason.NOT_ADOPTED
    logger.info(
        "The toolkit refused client credentials because %s (client %s, address %s, reference %s)",
        reason,
        named or "unprintable",
        address,
        reference,
    )
    record_refused(
        Refusal(
            at=datetime.now(UTC),
            reference=reference,
            reason=reason,
            client_id=named,
            address=address,
        )
    )
    return reference
