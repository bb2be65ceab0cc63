"""Find out, after the answer, what the caller did wrong.

The answer is the same for every cause, in its words and its time (RFC 6749 §5.2). The audit
trail tells the cause to whoever may read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django_cc.authorization_server.refusals.buffer import Refusal
from django_cc.authorization_server.refusals.evidence import Evidence, Text
from django_cc.authorization_server.refusals.foreign_secrets import describe_foreign
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import ClientSecret
from django_cc.protocol.errors import RefusalReason

# What is known at once where nothing matched; any other reason stands, whatever else was wrong.
_NOTHING_MATCHED: Final = frozenset(
    {RefusalReason.WRONG_SECRET, RefusalReason.UNKNOWN_CLIENT, RefusalReason.NO_CREDENTIALS}
)
_NOTHING_CAME: Final = (
    "The request had neither client ID nor secret: are CC_CLIENT_ID and CC_CLIENT_SECRET set "
    "where the program runs?"
)
_WITHOUT_ONE: Final = (
    "The client secret was empty or missing: is CC_CLIENT_SECRET set where the program runs?"
)
_WITHOUT_ID: Final = (
    "The client ID was empty or missing: is CC_CLIENT_ID set where the program runs?"
)
_A_NAME: Final = "The name of the variable was sent, not its value, in place of the %s."


@dataclass(frozen=True, slots=True)
class _Diagnosis:
    """What was wrong.

    Attributes:
        reason: perhaps a better one than was known at once.
        detail: a sentence on top of it.
        secret: one that came and is somebody's. Its client is the one concerned where the
            request named none: whoever sees that client may read whose it is.
    """

    reason: RefusalReason
    detail: str = ""
    secret: ClientSecret | None = None


def diagnose(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Return each with what was wrong, and without evidence, in the same order.

    One query for all, none where nothing has the form of a secret.
    """
    kept = [refusal.evidence for refusal in refusals if refusal.evidence]
    digests = {digest for one in kept for digest in (one.digest, one.misplaced_digest)} - {None}
    rows = ClientSecret.objects.filter(digest__in=digests).select_related("client__application")
    secrets: dict[str | None, ClientSecret] = {}
    if digests:
        secrets.update((row.digest, row) for row in rows)
    return [_apply(refusal, secrets) for refusal in refusals]


def _apply(refusal: Refusal, secrets: Mapping[str | None, ClientSecret]) -> Refusal:
    if refusal.evidence is None:
        return refusal
    found = _diagnose(refusal, refusal.evidence, secrets)
    owner = found.secret.client.client_id if found.secret else ""
    return replace(
        refusal,
        reason=found.reason,
        detail=found.detail,
        client_id=refusal.client_id or owner,
        evidence=None,
    )


def _diagnose(
    refusal: Refusal, evidence: Evidence, secrets: Mapping[str | None, ClientSecret]
) -> _Diagnosis:
    if evidence.misplaced_digest is not None:
        return _judge_misplaced(refusal, evidence, secrets.get(evidence.misplaced_digest))
    secret = secrets.get(evidence.digest)
    if Text.NOTHING in {evidence.client_id, evidence.secret}:
        return _judge_missing(refusal, evidence, secret)
    if Text.NAME in {evidence.client_id, evidence.secret}:
        return _judge_name(refusal, evidence, secret)
    if evidence.is_client_id:
        detail = "The client ID was sent as the secret."
        return _Diagnosis(_refine(refusal, RefusalReason.NOT_A_SECRET), detail)
    return _judge_secret(refusal, evidence, secret)


def _judge_misplaced(
    refusal: Refusal, evidence: Evidence, secret: ClientSecret | None
) -> _Diagnosis:
    if secret is None:
        return _Diagnosis(refusal.reason, "A client secret came in the place of the client ID.")
    if evidence.misplaced_id == secret.client.client_id:
        whose = f"the secret {_name_owner(refusal, secret)}"
        detail = f"The client ID and the secret were swapped: {whose}."
        return _Diagnosis(_refine(refusal, RefusalReason.NOT_A_SECRET), detail, secret)
    detail = f"The secret {secret} of “{secret.client.name}” came in the place of the client ID."
    return _Diagnosis(refusal.reason, detail, secret)


def _judge_missing(refusal: Refusal, evidence: Evidence, secret: ClientSecret | None) -> _Diagnosis:
    if evidence.client_id is not Text.NOTHING:
        # Of no client besides: that counts for more.
        is_unknown = refusal.reason is RefusalReason.UNKNOWN_CLIENT
        reason = refusal.reason if is_unknown else _refine(refusal, RefusalReason.NO_CREDENTIALS)
        return _Diagnosis(reason, _WITHOUT_ONE)
    detail = _NOTHING_CAME if evidence.secret is Text.NOTHING else _WITHOUT_ID
    if secret is not None:
        detail = f"The client ID was empty; the secret {_name_owner(refusal, secret)}."
    return _Diagnosis(_refine(refusal, RefusalReason.NO_CREDENTIALS), detail, secret)


def _judge_name(refusal: Refusal, evidence: Evidence, secret: ClientSecret | None) -> _Diagnosis:
    if evidence.secret is Text.NAME:
        is_both = evidence.client_id is Text.NAME
        detail = _A_NAME % ("client ID and secret" if is_both else "client secret")
        return _Diagnosis(_refine(refusal, RefusalReason.NOT_A_SECRET), detail)
    whose = f" The secret {_name_owner(refusal, secret)}." if secret else ""
    return _Diagnosis(refusal.reason, _A_NAME % "client ID" + whose, secret)


def _judge_secret(refusal: Refusal, evidence: Evidence, secret: ClientSecret | None) -> _Diagnosis:
    if secret is None:
        return _Diagnosis(refusal.reason)
    if _is_not_known_yet(refusal, evidence, secret):
        detail = f"The secret {secret} was made at {write_timestamp(secret.created_at)}."
        return _Diagnosis(RefusalReason.SECRET_NOT_KNOWN_YET, detail, secret)
    if not refusal.client_id:
        whose = f"The secret {_name_owner(refusal, secret)}"
        detail = f"{whose}; the client ID was none that is registered."
        return _Diagnosis(RefusalReason.SECRET_OF_ANOTHER_CLIENT, detail, secret)
    if secret.client.client_id != refusal.client_id:
        # Whoever sees the one client need not see the other: `cover_foreign` keeps it from them.
        reason = _refine(refusal, RefusalReason.SECRET_OF_ANOTHER_CLIENT)
        return _Diagnosis(reason, describe_foreign(secret))
    return _judge_own_secret(refusal, evidence, secret)


def _is_not_known_yet(refusal: Refusal, evidence: Evidence, secret: ClientSecret) -> bool:
    """Tell whether the process that refused had not looked since the secret was made.

    Such a process does not know the client of a first secret either.
    """
    if evidence.has_blanks or not secret.is_live(refusal.at):
        return False
    if refusal.reason is RefusalReason.UNKNOWN_CLIENT:
        if evidence.named_id != secret.client.client_id:
            return False
        made = secret.client.registered_at
    elif refusal.reason is RefusalReason.WRONG_SECRET:
        made = secret.created_at
    else:
        return False
    # Twice: clocks differ, and a look takes its time.
    is_fresh = refusal.at - made <= 2 * get_settings().propagation_seconds
    return is_fresh and refusal.client_id in {"", secret.client.client_id}


def _judge_own_secret(refusal: Refusal, evidence: Evidence, secret: ClientSecret) -> _Diagnosis:
    end = _describe_end(refusal, secret)
    if end:
        is_revoked = secret.revoked_at is not None
        reason = RefusalReason.REVOKED_SECRET if is_revoked else RefusalReason.EXPIRED_SECRET
        return _Diagnosis(reason, f"The secret {secret}{end}.")
    if evidence.has_blanks:
        detail = f"The secret {secret} came with a blank or a line break around it."
        return _Diagnosis(RefusalReason.SECRET_WITH_BLANKS, detail)
    return _Diagnosis(refusal.reason, f"With the secret {secret}.")


def _refine(refusal: Refusal, reason: RefusalReason) -> RefusalReason:
    return reason if refusal.reason in _NOTHING_MATCHED else refusal.reason


def _name_owner(refusal: Refusal, secret: ClientSecret) -> str:
    end = _describe_end(refusal, secret)
    return f"{secret} is of “{secret.client.name}”{f' and{end}' if end else ''}"


def _describe_end(refusal: Refusal, secret: ClientSecret) -> str:
    if secret.revoked_at is not None:
        return f" was revoked at {write_timestamp(secret.revoked_at)}"
    if not secret.is_live(refusal.at):
        return f" expired at {write_timestamp(secret.expires_at)}"
    return ""
