"""Find out, after the answer, what the caller did wrong.

The answer is the same for every cause, in its words and its time (RFC 6749 §5.2). The audit
trail tells the cause to whoever may read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django_cc.authorization_server.refusals.buffer import Refusal
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import ClientSecret
from django_cc.protocol.errors import RefusalReason


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A reason, perhaps a better one than was known at once, and a sentence on top of it."""

    reason: RefusalReason
    detail: str = ""


def diagnose(refusals: Sequence[Refusal]) -> list[Diagnosis]:
    """Return what was wrong with each, in the same order; one query for all."""
    digests = {refusal.evidence.digest for refusal in refusals if refusal.evidence} - {None}
    rows = ClientSecret.objects.filter(digest__in=digests).select_related("client__application")
    secrets: dict[str | None, ClientSecret] = {}
    if digests:
        secrets.update((row.digest, row) for row in rows)
    return [_diagnose(refusal, secrets) for refusal in refusals]


def _diagnose(refusal: Refusal, secrets: Mapping[str | None, ClientSecret]) -> Diagnosis:
    evidence = refusal.evidence
    if evidence is None:
        return Diagnosis(refusal.reason)
    if evidence.is_client_id:
        return Diagnosis(RefusalReason.NOT_A_SECRET, "The client ID was sent as the secret.")
    secret = secrets.get(evidence.digest)
    if secret is None:
        return Diagnosis(refusal.reason)
    is_right = secret.client.client_id == refusal.client_id and secret.is_live(refusal.at)
    if evidence.has_blanks and is_right:
        detail = f"The secret {secret} came with a blank or a line break around it."
        return Diagnosis(RefusalReason.SECRET_WITH_BLANKS, detail)
    return _compare(refusal, secret)


def _compare(refusal: Refusal, secret: ClientSecret) -> Diagnosis:
    if secret.client.client_id != refusal.client_id:
        return Diagnosis(
            RefusalReason.SECRET_OF_ANOTHER_CLIENT, f"The secret {secret} is another client's."
        )
    if secret.revoked_at is not None:
        detail = f"The secret {secret} was revoked at {write_timestamp(secret.revoked_at)}."
        return Diagnosis(RefusalReason.REVOKED_SECRET, detail)
    if not secret.is_live(refusal.at):
        detail = f"The secret {secret} expired at {write_timestamp(secret.expires_at)}."
        return Diagnosis(RefusalReason.EXPIRED_SECRET, detail)
    return Diagnosis(refusal.reason, f"With the secret {secret}.")
