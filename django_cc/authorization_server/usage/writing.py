"""Write figures to the database, each addition to the one row of its hour."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from itertools import islice

from django.db import transaction
from django.db.models import F, Q

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.usage.buffer import Counted, Figures, Use
from django_cc.models import APIAccess, ClientKey, ClientSecret, MachineClient, UsageHour
from django_cc.protocol.client import AuthenticationFamily, CredentialRef

_BATCH = 500  # rows to a statement
_HOUR = 3600


def write_figures(figures: Figures) -> None:
    """Add `figures` to what is there, and take out of them what was added.

    Each batch is added whole or not at all. Several processes may write at once.
    """
    while figures.counts:
        batch = Counter(dict(islice(figures.counts.items(), _BATCH)))
        _add(batch)
        for key in batch:
            del figures.counts[key]
    while figures.credential_uses:
        used, use = next(iter(figures.credential_uses.items()))
        _note_use(*used, use)
        del figures.credential_uses[used]
    for (client_id, api, day), names in _merge(figures).items():
        _note_request(client_id, api, names, day)
    figures.requested.clear()


def _add(counts: Counter[Counted]) -> None:
    with transaction.atomic(using=get_database()):
        UsageHour.objects.bulk_create(map(_make_row, sorted(counts)), ignore_conflicts=True)
        # In one order in every process, so that none waits for another that waits for it.
        rows = UsageHour.objects.select_for_update().order_by("pk")
        found = rows.filter(
            hour__in={_hour(key) for key in counts}, client_id__in={key.client_id for key in counts}
        )
        changed = [row for row in found if _key(row) in counts]
        for row in changed:
            row.count = F("count") + counts[_key(row)]
        UsageHour.objects.bulk_update(changed, ["count"])


def _make_row(key: Counted) -> UsageHour:
    return UsageHour(
        hour=_hour(key),
        client_id=key.client_id,
        api=key.api,
        outcome=key.outcome,
        reason=key.reason,
    )


def _hour(key: Counted) -> datetime:
    return datetime.fromtimestamp(key.hour * _HOUR, UTC)


def _key(row: UsageHour) -> Counted:
    hour = int(row.hour.timestamp()) // _HOUR
    return Counted(hour, row.client_id, row.api, row.outcome, row.reason)


def _note_use(client_id: str, credential: CredentialRef, use: Use) -> None:
    # Another process may have noted a later one.
    earlier = Q(last_used_at=None) | Q(last_used_at__lt=use.at)
    last_use = {"last_used_at": use.at, "last_used_address": use.address}
    if credential.family is AuthenticationFamily.CLIENT_SECRET:
        ClientSecret.objects.filter(earlier, digest=credential.id).update(**last_use)
        return
    keys = ClientKey.objects.filter(client__application__client_id=client_id, revoked_at=None)
    keys = keys.filter(kid=credential.id)
    if not keys.filter(earlier).update(**last_use) and not keys.exists():
        _note_published_use(client_id, use)


def _note_published_use(client_id: str, use: Use) -> None:
    earlier = Q(published_key_used_at=None) | Q(published_key_used_at__lt=use.at)
    publishers = MachineClient.objects.exclude(jwks_uri="")
    publishers.filter(earlier, application__client_id=client_id).update(
        published_key_used_at=use.at, published_key_used_address=use.address
    )


def _merge(figures: Figures) -> dict[tuple[str, str, date], set[str]]:
    # A client may ask for any part of its scopes: one statement for all parts of a day.
    merged: dict[tuple[str, str, date], set[str]] = defaultdict(set)
    for (client_id, api, scope), day in figures.requested.items():
        merged[client_id, api, day].update(scope)
    return merged


def _note_request(client_id: str, api: str, names: set[str], day: date) -> None:
    held = APIAccess.objects.filter(
        client__application__client_id=client_id,
        scope__api__identifier=api,
        scope__name__in=names,
    )
    held.filter(Q(last_requested_on=None) | Q(last_requested_on__lt=day)).update(
        last_requested_on=day
    )
