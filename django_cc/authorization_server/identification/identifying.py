"""Find out what a pasted text is, and whose; the text is neither kept nor logged."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.secret_format import looks_like_secret
from django_cc.authorization_server.identification.findings import (
    Finding,
    FoundRefusal,
    FoundSecret,
    FoundToken,
    Kind,
    NothingFound,
    SecretState,
)
from django_cc.authorization_server.identification.tokens import judge_token
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.errors import InvalidToken
from django_cc.protocol.secret_text import SecretText

_DOTS_OF_A_TOKEN = 2
_REFERENCE = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")
_BEARER = re.compile(r"(?:authorization:\s*)?bearer\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the one who asks may see.

    Attributes:
        clients: the clients they may see.
        everything: whether these are all; then also what is of no client, or of a deleted one.
    """

    clients: "QuerySet[MachineClient]"
    everything: bool


@sensitive_variables()
def identify(text: SecretText, sight: Sight, actor: Actor, *, now: datetime) -> Finding:
    """Return what `text` is and whose: a client secret, an access token, or a reference.

    What belongs to a client that `sight` leaves out is not found, as if it were nobody's. A
    client secret that the toolkit hashed cannot be found by its text. Asking is recorded in the
    audit trail, without the text.

    Args:
        text: as pasted, blanks around it or not; a reference may stand in the whole sentence of
            the answer, a token behind "Bearer".
        sight: what the one who asks may see.
        actor: who asks.
        now: aware UTC.
    """
    finding = _find(text, sight, now=now)
    detail, client = _describe(finding)
    result = AuditEvent.Result.REFUSED if isinstance(finding, NothingFound) else None
    trail.record(
        AuditEvent.Event.CREDENTIAL_IDENTIFIED,
        actor,
        client=client,
        detail=detail,
        result=result or AuditEvent.Result.DONE,
    )
    return finding


@sensitive_variables()
def _find(text: SecretText, sight: Sight, *, now: datetime) -> Finding:
    stripped = SecretText(_BEARER.sub("", text.reveal().strip(), count=1))
    if looks_like_secret(stripped):
        return _find_secret(stripped, sight, now=now)
    if stripped.reveal().count(".") == _DOTS_OF_A_TOKEN and " " not in stripped.reveal():
        return _find_token(stripped, sight, now=now)
    references = set(_REFERENCE.findall(stripped.reveal()))
    if len(references) == 1:
        return _find_refusal(references.pop(), sight)
    return NothingFound(Kind.UNKNOWN)


@sensitive_variables()
def _find_secret(text: SecretText, sight: Sight, *, now: datetime) -> Finding:
    rows = ClientSecret.objects.select_related("client__application")
    secret = rows.filter(digest=digest_secret(text), client__in=sight.clients).first()
    if secret is None:
        return NothingFound(Kind.SECRET)
    if secret.revoked_at is not None:
        return FoundSecret(secret, SecretState.REVOKED)
    return FoundSecret(secret, SecretState.LIVE if secret.is_live(now) else SecretState.EXPIRED)


@sensitive_variables()
def _find_token(text: SecretText, sight: Sight, *, now: datetime) -> Finding:
    try:
        judged = judge_token(text.reveal(), now=now)
    except InvalidToken:
        return NothingFound(Kind.TOKEN)
    client = _find_client(judged.claims.client_id, sight)
    if client is None and not sight.everything:
        return NothingFound(Kind.TOKEN)
    return FoundToken(client, judged.api_name, judged.claims.to_payload(), judged.obstacle)


def _find_refusal(reference: str, sight: Sight) -> Finding:
    write_down()  # the newest wait in the memory of this process
    event = AuditEvent.objects.filter(reference=reference).first()
    if event is None:
        return NothingFound(Kind.REFERENCE)
    client = _find_client(event.client_id, sight)
    # Of no client: whether there is one of the ID that was sent is for them alone to know who
    # see every client.
    if client is None and not sight.everything:
        return NothingFound(Kind.REFERENCE)
    return FoundRefusal(event, client, explain_refusal(event.reason))


def _find_client(client_id: str, sight: Sight) -> MachineClient | None:
    return sight.clients.filter(application__client_id=client_id).first()


def _describe(finding: Finding) -> tuple[str, MachineClient | None]:
    if isinstance(finding, FoundSecret):
        return f"{Kind.SECRET} {finding.secret}, {finding.state}", finding.client
    if isinstance(finding, FoundToken):
        return f"{Kind.TOKEN} {finding.token_id}", finding.client
    if isinstance(finding, FoundRefusal):
        return f"{Kind.REFERENCE} {finding.event.reference}", finding.client
    return f"{finding.kind}: nothing found", None
