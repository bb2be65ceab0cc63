"""Name adopted clients: as the toolkit does, as far as our rules allow."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Lower

from django_cc.authorization_server.one_line import fold_blanks
from django_cc.authorization_server.toolkit.adoption_candidates import Candidate
from django_cc.models import MachineClient
from django_cc.models.machine_client import NAME_LENGTH

_Taken = set[tuple[Any, str]]  # owner, and the name regardless of case

_SHORT_ID = 8  # characters of the client ID that tell namesakes apart


def choose_names(candidates: Sequence[Candidate], taken: _Taken) -> dict[Any, str]:
    """Return a name for each, by the Application's primary key, and add them to `taken`.

    Where an owner has a client of that name, part of the client ID is put behind it, or all of
    it: a name that does not depend on what else is adopted.

    Args:
        candidates: in the order in which they may choose.
        taken: names that are taken though no row has them yet.
    """
    chosen: dict[Any, str] = {}
    for name_of in (_clean, _with_short_id, _with_client_id):
        left = [one for one in candidates if one.application_id not in chosen]
        _choose(left, {one.application_id: name_of(one) for one in left}, taken, chosen)
    for one in candidates:  # two client IDs of the same eighty characters
        chosen.setdefault(one.application_id, f"Application {one.application_id}"[:NAME_LENGTH])
    return chosen


def _choose(
    candidates: Sequence[Candidate], names: dict[Any, str], taken: _Taken, chosen: dict[Any, str]
) -> None:
    in_use = _find_in_use(candidates, names) if candidates else set()
    for one in candidates:
        name = names[one.application_id]
        key = (one.owner_id, name.lower())
        if key not in taken | in_use:
            taken.add(key)
            chosen[one.application_id] = name


def _find_in_use(candidates: Sequence[Candidate], names: dict[Any, str]) -> _Taken:
    # Compared by the database's own Lower(), as in the constraint on the table.
    rows = MachineClient.objects.annotate(lower_name=Lower("name"))
    asked = Q(lower_name__in=[Lower(Value(name)) for name in names.values()])
    owners = {one.owner_id for one in candidates}
    owned = Q(owner__in=owners - {None}) | (Q(owner=None) if None in owners else Q(pk__in=()))
    return {
        (owner, name.lower())
        for owner, name in rows.filter(asked, owned).values_list("owner", "name")
    }


def _clean(candidate: Candidate) -> str:
    text = fold_blanks(candidate.name)
    printable = "".join(character for character in text if character.isprintable())
    return printable[:NAME_LENGTH].strip() or candidate.client_id[:NAME_LENGTH]


def _with_short_id(candidate: Candidate) -> str:
    return _append(_clean(candidate), candidate.client_id[:_SHORT_ID])


def _with_client_id(candidate: Candidate) -> str:
    return candidate.client_id[:NAME_LENGTH]


def _append(name: str, text: str) -> str:
    end = f" ({text})"
    return name[: NAME_LENGTH - len(end)].rstrip() + end
