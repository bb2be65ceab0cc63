"""Write refusals to the audit trail."""

from collections.abc import Sequence

from django.db import transaction

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.refusals.buffer import Refusal
from django_cc.models import AuditEvent, MachineClient


def write_refusals(refusals: Sequence[Refusal]) -> None:
    """Add an audit event for each, which has been diagnosed, all or nothing, in two queries."""
    with transaction.atomic(using=get_database()):
        names = _find_names({refusal.client_id for refusal in refusals} - {""})
        trail.record_all(
            [
                AuditEvent(
                    time=refusal.at,
                    event=AuditEvent.Event.TOKEN_REFUSED,
                    result=AuditEvent.Result.REFUSED,
                    actor_kind=AuditEvent.ActorKind.CLIENT,
                    actor=refusal.client_id,
                    client_id=refusal.client_id,
                    client_name=names.get(refusal.client_id, ""),
                    reason=refusal.reason,
                    detail=refusal.detail,
                    address=refusal.address,
                    reference=refusal.reference,
                )
                for refusal in refusals
            ]
        )


def _find_names(client_ids: set[str]) -> dict[str, str]:
    rows = MachineClient.objects.filter(application__client_id__in=client_ids)
    return dict(rows.values_list("application__client_id", "name"))
