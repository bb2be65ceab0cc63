"""Plan which Applications of the toolkit become machine clients, and how; changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django_cc.authorization_server.adoption.findings import find_doubts, find_obstacles
from django_cc.authorization_server.adoption.names import choose_names
from django_cc.authorization_server.adoption.proposals import Proposal, ScopeBook, ScopeRules
from django_cc.authorization_server.adoption.subjects import find_user_identifiers
from django_cc.authorization_server.toolkit.adoption_candidates import (
    Candidate,
    Selection,
    read_batches,
)
from django_cc.authorization_server.toolkit.adoption_scopes import (
    RecentTokens,
    read_recent_tokens,
)
from django_cc.authorization_server.toolkit.adoption_secrets import OldSecretKind, tell_kind


class Verdict(StrEnum):
    """What becomes of an Application."""

    ADOPT = "adopt"
    NEEDS_FORCE = "needs_force"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class PlannedAdoption:
    """What is to become of one Application.

    Attributes:
        candidate: the Application.
        name: of the client.
        secret_kind: what its secret is kept as.
        proposal: its scopes.
        recent: its recent tokens at the toolkit.
        verdict: whether it is adopted.
        because: why not, in sentences; or, where it is forced, what spoke against it.
    """

    candidate: Candidate
    name: str
    secret_kind: OldSecretKind
    proposal: Proposal
    recent: RecentTokens
    verdict: Verdict
    because: tuple[str, ...]

    @property
    def is_renamed(self) -> bool:
        """Whether the toolkit's name could not be kept."""
        return self.name != self.candidate.name


@dataclass(frozen=True, slots=True)
class AdoptionRules:
    """What the operator chose.

    Attributes:
        scopes: about scopes.
        since: from when on a token is recent, aware UTC.
        force: adopt also where something speaks against it that people may overrule.
    """

    scopes: ScopeRules
    since: datetime
    force: bool = False


def plan_adoption(
    selection: Selection, rules: AdoptionRules, *, batch_size: int
) -> Iterator[Sequence[PlannedAdoption]]:
    """Yield what is to become of the selected Applications, in batches, each by a few queries."""
    taken: set[tuple[Any, str]] = set()
    for candidates in read_batches(selection, size=batch_size):
        yield _plan_batch(candidates, rules, taken)


def _plan_batch(
    candidates: Sequence[Candidate], rules: AdoptionRules, taken: set[tuple[Any, str]]
) -> list[PlannedAdoption]:
    recent = read_recent_tokens([one.application_id for one in candidates], since=rules.since)
    book = ScopeBook((tokens.scopes for tokens in recent.values()), rules.scopes)
    obstacles = find_obstacles(candidates)
    users = find_user_identifiers({one.client_id for one in candidates})
    possible = [one for one in candidates if not obstacles[one.application_id]]
    doubts = {
        one.application_id: find_doubts(
            one, recent.get(one.application_id), is_user=one.client_id in users
        )
        for one in possible
    }
    adopted = [one for one in possible if rules.force or not doubts[one.application_id]]
    names = choose_names(adopted, taken)
    return [
        _plan(
            one,
            name=names.get(one.application_id, one.name),
            recent=recent.get(one.application_id, RecentTokens()),
            book=book,
            because=obstacles[one.application_id] or doubts[one.application_id],
            verdict=_judge(one, obstacles, names),
        )
        for one in candidates
    ]


def _plan(
    candidate: Candidate,
    *,
    name: str,
    recent: RecentTokens,
    book: ScopeBook,
    because: tuple[str, ...],
    verdict: Verdict,
) -> PlannedAdoption:
    return PlannedAdoption(
        candidate=candidate,
        name=name,
        secret_kind=tell_kind(candidate.stored_secret, is_hashed=candidate.is_hashed),
        proposal=book.propose(recent.scopes),
        recent=recent,
        verdict=verdict,
        because=because,
    )


def _judge(
    candidate: Candidate, obstacles: Mapping[Any, tuple[str, ...]], names: Mapping[Any, str]
) -> Verdict:
    if obstacles[candidate.application_id]:
        return Verdict.IMPOSSIBLE
    return Verdict.ADOPT if candidate.application_id in names else Verdict.NEEDS_FORCE
