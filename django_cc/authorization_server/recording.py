"""What token requests leave behind: counted at once in memory, written in the background.

Nothing here makes a token request wait. A process that is killed loses what it has not
written: at most `FLUSH_INTERVAL` of figures and refusals, more only while the database is away.
"""

import logging
from datetime import datetime

from django.db import Error as DriverError
from django.utils import timezone

from django_cc.authorization_server.background import BackgroundTask
from django_cc.authorization_server.forks import after_fork
from django_cc.authorization_server.refusals.buffer import Refusal, RefusalBuffer
from django_cc.authorization_server.refusals.diagnosis import diagnose
from django_cc.authorization_server.refusals.writing import write_refusals
from django_cc.authorization_server.signals import announce, token_issued, token_refused
from django_cc.authorization_server.tokens.issuing import IssuedToken
from django_cc.authorization_server.usage.buffer import Figures, UsageBuffer, Use
from django_cc.authorization_server.usage.writing import write_figures
from django_cc.models import MachineClient
from django_cc.protocol.client import AuthenticatedClient

logger = logging.getLogger(__name__)

FLUSH_INTERVAL = 10.0  # seconds

_usage = UsageBuffer()
_refusals = RefusalBuffer()


def record_issued(issued: IssuedToken, *, address: str | None, now: datetime) -> None:
    """Count a token, and note when and from where its client used which credential."""
    grant = issued.grant
    _usage.count_issued(
        grant.client.client_id,
        grant.audience,
        grant.scope,
        credential=issued.credential,
        use=Use(now, address),
    )
    _writing.start()
    announce(
        token_issued,
        MachineClient,
        client_id=grant.client.client_id,
        audience=grant.audience,
        scope=grant.scope,
        lifetime=grant.lifetime,
        token_id=issued.token_id,
        address=address,
        at=now,
    )


def record_use(authenticated: AuthenticatedClient, *, address: str | None, now: datetime) -> None:
    """Note when and from where a credential was used for something else than a token."""
    client_id = authenticated.client.client_id
    _usage.note_use(client_id, authenticated.credential, Use(now, address))
    _writing.start()


def record_refused(refusal: Refusal, *, count_only: bool = False) -> None:
    """Count a refused token request, and keep it for the audit trail up to the cap.

    Args:
        refusal: what happened.
        count_only: where its caller is over the limit already.
    """
    _usage.count_refused(refusal.client_id, refusal.reason, at=refusal.at)
    if not count_only:
        _refusals.add(refusal)
    _writing.start()
    announce(
        token_refused,
        MachineClient,
        client_id=refusal.client_id,
        reason=refusal.reason,
        reference=refusal.reference,
        address=refusal.address,
        at=refusal.at,
    )


def write_down(*, everything: bool = False) -> None:
    """Write what is in memory to the database; what cannot be written stays there.

    Of a credential that is used all the time the last use is written once a minute, or with
    `everything`.

    The background does it every `FLUSH_INTERVAL` seconds; tests call it.
    """
    refusals = _refusals.take()  # first: what is among them has been counted
    figures = _usage.take(None if everything else timezone.now())
    try:
        refusals = _diagnose(refusals, figures)
        write_figures(figures)
        if refusals:
            write_refusals(refusals)
    except Exception as error:
        _usage.put_back(figures)
        _refusals.put_back(refusals)
        if not isinstance(error, DriverError):
            raise
        logger.warning("Usage and refusals wait in memory: %s", error)


def _diagnose(refusals: list[Refusal], figures: Figures) -> list[Refusal]:
    """Find out what each was, and count it as that."""
    diagnosed = diagnose(refusals)
    for before, after in zip(refusals, diagnosed, strict=True):
        figures.move_refusal(
            (before.client_id, before.reason), (after.client_id, after.reason), at=before.at
        )
    return diagnosed


def _forget() -> None:
    _usage.forget()
    _refusals.forget()


_writing = BackgroundTask(
    "django_cc writing",
    write_down,
    interval=lambda: FLUSH_INTERVAL,
    at_end=lambda: write_down(everything=True),
)

after_fork(_forget)
