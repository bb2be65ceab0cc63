"""What becomes of the toolkit's Applications, as `cc_adopt` prints it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.management.base import OutputWrapper

from django_cc.authorization_server.adoption.adopting import Adopted
from django_cc.authorization_server.adoption.plan import PlannedAdoption, Verdict
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.toolkit.adoption_secrets import OldSecretKind
from django_cc.management.terminal import make_printable

HEADER = f"{'CLIENT ID':<40}  {'OWNER':<16}  {'TOKENS':>7}  NAME"
_SECRETS: Mapping[OldSecretKind, str] = {
    OldSecretKind.GENERATED_TEXT: "secret: in plain text, is digested at once (no way back)",
    OldSecretKind.CHOSEN_TEXT: "secret: in plain text and chosen by people: rotate it",
}
_VERDICTS = {Verdict.NEEDS_FORCE: "needs --force", Verdict.IMPOSSIBLE: "cannot be adopted"}


def describe_planned(one: PlannedAdoption) -> dict[str, Any]:
    """Return a planned adoption as JSON; times in ISO 8601, UTC. Nothing of the secret but how."""
    proposal = one.proposal
    access: dict[str, list[str]] = {}
    for scope in proposal.scopes:
        access.setdefault(scope.api.identifier, []).append(scope.name)
    return {
        "client_id": one.candidate.client_id,
        "verdict": one.verdict.value,
        "because": list(one.because),
        "name": one.name,
        "application_name": one.candidate.name,
        "owner": one.candidate.owner,
        "secret": one.secret_kind.value,
        "recent_tokens": one.recent.count,
        "last_token_at": write_timestamp(one.recent.last),
        "access": access,
        "restricted_granted": sorted(scope.name for scope in proposal.scopes if scope.restricted),
        "unknown_scopes": list(proposal.unknown),
        "ambiguous_scopes": list(proposal.ambiguous),
        "restricted_scopes": list(proposal.restricted),
    }


def write_planned(one: PlannedAdoption) -> Iterator[str]:
    """Yield the lines of one row of the table."""
    candidate = one.candidate
    owner = make_printable(candidate.owner or "-")
    yield (
        f"{make_printable(candidate.client_id):<40}  {owner:<16}  {one.recent.count:>7,}  "
        f"{make_printable(one.name)}"
    )
    yield from (f"    {make_printable(note)}" for note in _list_notes(one))


def _list_notes(one: PlannedAdoption) -> Iterator[str]:
    if one.verdict is not Verdict.ADOPT:
        yield from (f"{_VERDICTS[one.verdict]}: {sentence}" for sentence in one.because)
        return
    yield from (f"forced: {sentence}" for sentence in one.because)
    yield _write_scopes(one)
    proposal = one.proposal
    left_out = {
        "not offered here": proposal.unknown,
        "offered by several APIs, say --api": proposal.ambiguous,
        "restricted, say --restricted": proposal.restricted,
    }
    for why, names in left_out.items():
        if names:
            yield f"left out, {why}: {' '.join(names)}"
    if one.is_renamed:
        yield f"name: “{one.candidate.name}” at the toolkit"
    if one.secret_kind in _SECRETS:
        yield _SECRETS[one.secret_kind]


def _write_scopes(one: PlannedAdoption) -> str:
    scopes = one.proposal.scopes
    if not scopes:
        return "scopes: none; give some with --scope, or later with cc_access grant"
    names = " ".join(
        f"{scope.name}{' (restricted)' if scope.restricted else ''}" for scope in scopes
    )
    apis = len({scope.api_id for scope in scopes})
    many = f"; at {apis} APIs, so requests must name a scope or an API" if apis > 1 else ""
    return f"scopes: {names}{many}"


class AdoptionReport:
    """Prints a plan, or what was done, as it comes.

    Attributes:
        total: how many Applications were looked at.
        left: the client IDs of those that are not adopted.
    """

    def __init__(self, stream: OutputWrapper, *, as_json: bool, applied: bool) -> None:
        """Begin with none."""
        self._stream, self._as_json, self._applied = stream, as_json, applied
        self._rows: list[dict[str, Any]] = []
        self._changed: list[str] = []
        self._counts = Counter({verdict.value: 0 for verdict in Verdict})
        self._without_scopes = 0
        self.total = 0
        self.left: list[str] = []

    def add(self, planned: Sequence[PlannedAdoption]) -> None:
        """Print these, or keep them for the JSON."""
        for one in planned:
            self._count(one)
            if self._as_json:
                self._rows.append(describe_planned(one))
                continue
            if self.total == 1:
                self._stream.write(HEADER)
            self._stream.write("\n".join(write_planned(one)))

    def add_adopted(self, planned: Sequence[PlannedAdoption], adopted: Adopted) -> None:
        """Print what was done, under the names the clients got, and what was left."""
        names = {client.application_id: client.name for client in adopted.clients}
        self._changed += adopted.changed
        self.left += adopted.changed
        self.add(
            [
                replace(one, name=names.get(one.candidate.application_id, one.name))
                for one in planned
                if one.candidate.client_id not in adopted.changed
            ]
        )

    def finish(self, *, finished: bool) -> None:
        """Print the totals."""
        if self._as_json:
            document = {
                "applied": self._applied,
                "finished": finished,
                "totals": {**self._counts, "without_scopes": self._without_scopes},
                "changed_meanwhile": self._changed,
                "applications": self._rows,
            }
            self._stream.write(json.dumps(document))
            return
        if self._changed:
            names = make_printable(", ".join(self._changed))
            self._stream.write(f"Changed meanwhile, so left alone; run it again: {names}.")
        self._stream.write(self._write_totals())

    def _count(self, one: PlannedAdoption) -> None:
        self.total += 1
        self._counts[one.verdict.value] += 1
        if one.verdict is not Verdict.ADOPT:
            self.left.append(one.candidate.client_id)
        elif not one.proposal.scopes:
            self._without_scopes += 1

    def _write_totals(self) -> str:
        what = "adopted" if self._applied else "to adopt"
        advice = "" if self._applied else " Nothing is changed yet: --apply does it."
        return (
            f"{self._counts[Verdict.ADOPT]:,} {what} ({self._without_scopes:,} without a scope), "
            f"{self._counts[Verdict.NEEDS_FORCE]:,} need --force, "
            f"{self._counts[Verdict.IMPOSSIBLE]:,} cannot be adopted.{advice}"
        )
