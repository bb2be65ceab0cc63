"""Find out what a pasted text is, and whose; the text is neither kept nor logged."""

from contextlib import suppress
from datetime import datetime

from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.bounded_record import record_up_to_cap
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.secret_format import holds_beginning, list_secrets
from django_cc.authorization_server.identification.findings import (
    Finding,
    FoundDiscarded,
    FoundRefusal,
    FoundSecret,
    FoundToken,
    Kind,
    NothingFound,
    SecretState,
)
from django_cc.authorization_server.identification.texts import list_references, list_tokens
from django_cc.authorization_server.identification.tokens import find_discarded_key, judge_token
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.refusals.foreign_secrets import cover_foreign
from django_cc.authorization_server.sight import Sight
from django_cc.authorization_server.toolkit.machine_clients import has_others
from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.models.client_secret import TOOLKIT_MARKER
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.errors import InvalidToken
from django_cc.protocol.secret_text import SecretText


@sensitive_variables()
def identify(text: SecretText, sight: Sight, actor: Actor, *, now: datetime) -> Finding:
    """Return what `text` is and whose: a client secret, an access token, or a reference.

    What belongs to a client that `sight` leaves out is not found, as if it were nobody's. A
    client secret that the toolkit hashed cannot be found by its text. Asking is recorded in the
    audit trail, without the text; what found nothing up to a cap for each actor and minute.

    Args:
        text: as pasted: a file, a message or the thing alone. A secret in it comes before a
            token, that before a reference; of several the first that belongs to somebody.
        sight: what the one who asks may see.
        actor: who asks.
        now: aware UTC.
    """
    finding = _find(text, sight, now=now)
    detail, client = _describe(finding)
    event = AuditEvent.Event.CREDENTIAL_IDENTIFIED
    if isinstance(finding, NothingFound):
        record_up_to_cap(event, actor, detail=detail, now=now)
    else:
        trail.record(event, actor, client=client, detail=detail)
    return finding


@sensitive_variables()
def _find(text: SecretText, sight: Sight, *, now: datetime) -> Finding:
    secrets, tokens = list_secrets(text), list_tokens(text)
    references = list_references(text)
    found = (
        _find_secret(secrets, sight, now=now)
        or _find_token(tokens, sight, now=now)
        or _find_discarded(tokens, sight, now=now)
        or _find_refusal(references, sight)
    )
    if found is not None:
        return found
    is_secret = bool(secrets) or holds_beginning(text)
    looks = {Kind.SECRET: is_secret, Kind.TOKEN: bool(tokens), Kind.REFERENCE: bool(references)}
    kind = next((kind for kind, is_so in looks.items() if is_so), Kind.UNKNOWN)
    may_be_hashed = kind is Kind.UNKNOWN and _has_hashed_secrets(sight)
    return NothingFound(kind, is_nobodys=sight.everything, may_be_hashed=may_be_hashed)


@sensitive_variables()
def _find_secret(texts: list[SecretText], sight: Sight, *, now: datetime) -> FoundSecret | None:
    digests = [digest_secret(text) for text in texts]
    related = ("client__application", "client__owner", "client__owning_group")
    rows = ClientSecret.objects.select_related(*related).filter(client__in=sight.clients)
    found = {row.digest: row for row in rows.filter(digest__in=digests)} if digests else {}
    secret = next((found[digest] for digest in digests if digest in found), None)
    return None if secret is None else FoundSecret(secret, _judge(secret, now), len(texts))


def _judge(secret: ClientSecret, now: datetime) -> SecretState:
    if secret.revoked_at is not None:
        return SecretState.REVOKED
    return SecretState.LIVE if secret.is_live(now) else SecretState.EXPIRED


@sensitive_variables()
def _find_token(texts: list[SecretText], sight: Sight, *, now: datetime) -> FoundToken | None:
    for text in texts:
        with suppress(InvalidToken):
            judged = judge_token(text.reveal(), now=now)
            client = _find_client(judged.claims.client_id, sight)
            if client is not None or sight.everything:
                claims = judged.claims.to_payload()
                return FoundToken(client, judged.api_name, claims, judged.obstacle)
    return None


@sensitive_variables()
def _find_discarded(
    texts: list[SecretText], sight: Sight, *, now: datetime
) -> FoundDiscarded | None:
    for text in texts:
        with suppress(InvalidToken):
            key, claims = find_discarded_key(text.reveal())
            client = _find_client(claims.client_id, sight)
            if client is not None or sight.everything:
                return FoundDiscarded(client, key.kid, key.retired_at or now)
    return None


def _find_refusal(references: list[str], sight: Sight) -> FoundRefusal | None:
    if not references:
        return None
    write_down()  # the newest wait in the memory of this process
    events = {row.reference: row for row in AuditEvent.objects.filter(reference__in=references)}
    for event in (events[one] for one in references if one in events):
        client = _find_client(event.client_id, sight)
        # Of no client: whether there is one of the ID that was sent is for them alone to know who
        # see every client.
        if client is not None or sight.everything:
            cover_foreign([event], sight)
            return FoundRefusal(event, client, explain_refusal(event.reason))
    return None


def _has_hashed_secrets(sight: Sight) -> bool:
    adopted = ClientSecret.objects.filter(client__in=sight.clients)
    if adopted.filter(digest__startswith=TOOLKIT_MARKER).exists():
        return True
    return sight.everything and has_others()


def _find_client(client_id: str, sight: Sight) -> MachineClient | None:
    return sight.clients.filter(application__client_id=client_id).first()


def _describe(finding: Finding) -> tuple[str, MachineClient | None]:
    if isinstance(finding, FoundSecret):
        return f"{Kind.SECRET} {finding.secret}, {finding.state}", finding.client
    if isinstance(finding, FoundToken):
        return f"{Kind.TOKEN} {finding.token_id}", finding.client
    if isinstance(finding, FoundDiscarded):
        return f"{Kind.TOKEN} of the discarded key {finding.kid}", finding.client
    if isinstance(finding, FoundRefusal):
        return f"{Kind.REFERENCE} {finding.event.reference}", finding.client
    return f"{finding.kind}: nothing found", None
