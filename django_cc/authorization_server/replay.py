"""Let each client assertion be used once, in all processes together."""

import hashlib
import json
import logging
from datetime import timedelta

from django.db import Error as DriverError
from django.db import IntegrityError, transaction

from django_cc.authorization_server.database import get_database
from django_cc.models import UsedAssertion
from django_cc.protocol.client_authentication.private_key_jwt import VerifiedAssertion
from django_cc.protocol.errors import InvalidClient, RefusalReason, TemporarilyUnavailable

logger = logging.getLogger(__name__)

CLOCK_LEEWAY = timedelta(seconds=30)  # between a client's clock and ours


class AssertionRegister:
    """The table of used assertions, as the protocol asks it (RFC 7523 §3 point 7)."""

    def record_first_use(self, assertion: VerifiedAssertion) -> None:
        """Record the use of an assertion, in a transaction of its own.

        The row's key decides: of two requests at once, in whichever processes, one inserts it.
        It is committed before anything else of the request can fail, so that no error gives a
        stolen assertion a second try. Inside a transaction of the caller's, such as a test's, it
        shares that one's fate.

        Raises:
            InvalidClient: it was used before.
            TemporarilyUnavailable: the database is away; what cannot be recorded is not accepted.
        """
        row = UsedAssertion(
            digest=_digest(assertion), expires_at=assertion.expires_at + 2 * CLOCK_LEEWAY
        )
        database = get_database()
        try:
            with transaction.atomic(using=database):
                row.save(force_insert=True, using=database)
        except IntegrityError:
            raise InvalidClient(
                reason=RefusalReason.REPLAYED_ASSERTION, client_id=assertion.client_id
            ) from None
        except DriverError as error:
            logger.error("The use of an assertion cannot be recorded: %s", error)
            text = "The server cannot answer right now: try again with a new assertion."
            raise TemporarilyUnavailable(text) from None


def _digest(assertion: VerifiedAssertion) -> str:
    # As JSON, so that no two pairs are written alike, and any text can be.
    pair = json.dumps([assertion.client_id, assertion.token_id])
    return hashlib.sha256(pair.encode()).hexdigest()
