"""Read the Applications that could become machine clients."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from oauth2_provider.models import AbstractApplication, get_application_model

from django_cc.protocol.secret_text import SecretText


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """An Application for the client credentials grant that is no machine client yet.

    Attributes:
        application_id: its primary key.
        client_id: kept for ever.
        name: as the toolkit has it, perhaps empty.
        owner_id: the primary key of its user, or None.
        owner: what that user is named, or None.
        stored_secret: the toolkit's column as it is: a password hash, plain text, or empty.
        is_hashed: whether the toolkit was told to hash it.
        is_public: whether it is a public client (RFC 6749 §2.1).
        algorithm: by which it has ID tokens signed, or empty.
        source: how it was registered: `manual`, `dcr` or `cimd`.
        created: aware UTC.
        updated: when the toolkit saved it last, aware UTC.
    """

    application_id: Any
    client_id: str
    name: str
    owner_id: Any
    owner: str | None
    stored_secret: SecretText = field(repr=False)
    is_hashed: bool
    is_public: bool
    algorithm: str
    source: str
    created: datetime
    updated: datetime

    def is_as_it_was(self, earlier: "Candidate") -> bool:
        """Tell whether nothing of it was changed since `earlier` was read."""
        return (
            (self.client_id, self.owner_id, self.updated)
            == (earlier.client_id, earlier.owner_id, earlier.updated)
        ) and self.stored_secret.matches(earlier.stored_secret)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which Applications are meant.

    Attributes:
        client_ids: these, or None for all.
        excluded: and none of these.
    """

    client_ids: Collection[str] | None = None
    excluded: Collection[str] = ()


def read_batches(selection: Selection, *, size: int) -> Iterator[list[Candidate]]:
    """Yield the candidates of a selection, `size` at a time, in the order of their primary keys.

    Whatever the caller does to a batch before it takes the next, none is left out or comes twice.
    """
    rows, last = _select(selection).select_related("user").order_by("pk"), None
    while batch := [_read(row) for row in _after(rows, last)[:size]]:
        yield batch
        last = batch[-1].application_id


def lock_candidates(application_ids: Sequence[Any]) -> dict[Any, Candidate]:
    """Return those that are still candidates, as they are now, by primary key.

    Nobody changes them until the transaction ends.
    """
    # Of the Application alone: a row of an outer join, as that of the user, cannot be locked.
    rows = _select(Selection()).filter(pk__in=application_ids).select_for_update(of=("self",))
    return {row.pk: _read(row) for row in rows.select_related("user")}


def find_unfit(client_ids: Collection[str]) -> tuple[list[str], list[str], list[str]]:
    """Return which of the client IDs are unknown, of another grant, and adopted already."""
    model = get_application_model()
    rows = model._default_manager.filter(client_id__in=client_ids).values_list(
        "client_id", "authorization_grant_type", "machine_client"
    )
    found = {client_id: (grant, machine) for client_id, grant, machine in rows}
    unknown = sorted(set(client_ids) - found.keys())
    machines = sorted(one for one, (_grant, machine) in found.items() if machine is not None)
    wanted = model.GRANT_CLIENT_CREDENTIALS
    others = sorted(
        one for one, (grant, machine) in found.items() if machine is None and grant != wanted
    )
    return unknown, others, machines


def _select(selection: Selection) -> "QuerySet[AbstractApplication]":
    model = get_application_model()
    rows: QuerySet[AbstractApplication] = model._default_manager.filter(
        authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS, machine_client=None
    )
    if selection.client_ids is not None:
        rows = rows.filter(client_id__in=selection.client_ids)
    return rows.exclude(client_id__in=selection.excluded) if selection.excluded else rows


def _after(rows: "QuerySet[AbstractApplication]", last: Any) -> "QuerySet[AbstractApplication]":
    return rows if last is None else rows.filter(pk__gt=last)


def _read(row: AbstractApplication) -> Candidate:
    return Candidate(
        application_id=row.pk,
        client_id=row.client_id,
        name=row.name,
        owner_id=row.user_id,
        owner=row.user.get_username() if row.user else None,
        stored_secret=SecretText(row.client_secret),
        is_hashed=row.hash_client_secret,
        is_public=row.client_type != row.CLIENT_CONFIDENTIAL,
        algorithm=row.algorithm,
        source=row.registration_source,
        created=row.created,
        updated=row.updated,
    )
