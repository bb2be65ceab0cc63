"""Previews, test requests and findings as JSON, and as people read them in a terminal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django_cc.authorization_server.audit.trail import describe
from django_cc.authorization_server.identification.findings import (
    Finding,
    FoundDiscarded,
    FoundRefusal,
    FoundSecret,
    FoundToken,
    Kind,
    SecretState,
)
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.token_trial import Trial
from django_cc.authorization_server.tokens.claim_origins import explain_claim
from django_cc.authorization_server.tokens.left_out import LeftOut
from django_cc.authorization_server.tokens.preview import PreviewedRefusal, TokenPreview
from django_cc.management.terminal import make_printable
from django_cc.models import MachineClient

NOT_FOUND = "Nothing found: it is cut, from another server, or of a client that was deleted."
MISTYPED = (
    "It begins like a client secret of this server (dccs_…), but is none of any client: it is cut "
    "or mistyped, or its client was deleted."
)


def preview_to_json(
    preview: TokenPreview | PreviewedRefusal, left_out: Sequence[LeftOut]
) -> dict[str, Any]:
    """Return a preview as JSON."""
    without = {"left_out": [{"scope": one.scope, "why": one.why} for one in left_out]}
    if isinstance(preview, PreviewedRefusal):
        return {
            "error": preview.error,
            "error_description": preview.description,
            "reason": preview.reason.value,
            "explanation": explain_refusal(preview.reason),
            **without,
        }
    return {
        "header": dict(preview.header),
        "claims": dict(preview.claims),
        "expires_in": preview.expires_in,
        **without,
    }


def tell_preview(
    preview: TokenPreview | PreviewedRefusal, left_out: Sequence[LeftOut]
) -> Iterator[str]:
    """Return a preview in lines: claims and where they come from, scopes left out and why."""
    if isinstance(preview, PreviewedRefusal):
        yield f"Refused: {preview.error}. {explain_refusal(preview.reason)}"
    else:
        yield from _tell_token(preview)
    for one in left_out:
        yield f"Left out: {make_printable(one.scope)} ({make_printable(one.why)})"


def _tell_token(preview: TokenPreview) -> Iterator[str]:
    for name, value in preview.header.items():
        yield f"{name:<18} {value}"
    for name, value in preview.claims.items():
        written = make_printable(_write(value))
        yield f"{make_printable(name):<18} {written}  ({explain_claim(name)})"


def trial_to_json(trial: Trial) -> dict[str, Any]:
    """Return the answer to a test request as JSON, the token with it."""
    body = dict(trial.body)
    if trial.token is not None:
        body = {"access_token": trial.token.reveal(), **body}
    return {
        "status": trial.status,
        "headers": dict(trial.headers),
        "body": body,
        "header": dict(trial.token_header),
        "claims": dict(trial.claims),
        "explanation": trial.explanation,
        "seconds": round(trial.took.total_seconds(), 6),
    }


def tell_trial(trial: Trial) -> Iterator[str]:
    """Return the answer to a test request in lines."""
    yield f"status {trial.status}, {trial.took.total_seconds() * 1000:.1f} ms"
    for name, value in trial_to_json(trial)["body"].items():
        yield f"{name:<18} {make_printable(_write(value))}"
    for name, value in trial.claims.items():
        yield f"  {make_printable(name):<16} {make_printable(_write(value))}"
    if trial.explanation:
        yield make_printable(trial.explanation)


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return what was found as JSON; a secret by its visible ends alone."""
    if isinstance(finding, FoundSecret):
        return {
            "kind": "secret",
            "secret": str(finding.secret),
            "state": finding.state.value,
            "secrets_in_text": finding.count,
            **_name(finding.client),
            **_name_owners(finding.client),
        }
    if isinstance(finding, FoundToken):
        return {
            "kind": "token",
            "state": finding.obstacle.value if finding.obstacle else "live",
            "api": finding.api_name,
            "claims": dict(finding.claims),
            **_name(finding.client),
        }
    if isinstance(finding, FoundDiscarded):
        return {
            "kind": "token",
            "state": "discarded_key",
            "kid": finding.kid,
            "discarded_at": write_timestamp(finding.discarded_at),
            **_name(finding.client),
        }
    if isinstance(finding, FoundRefusal):
        event = describe(finding.event)
        return {"kind": "reference", "explanation": finding.explanation, "event": event}
    return {"kind": None, "looks_like": finding.kind.value}


def tell_finding(finding: Finding) -> Iterator[str]:
    """Return what was found in lines."""
    if isinstance(finding, FoundSecret):
        yield from _tell_secret(finding)
    elif isinstance(finding, FoundToken):
        yield f"A token of {_write_client(finding.client)} for {make_printable(finding.api_name)}."
        yield explain_refusal(finding.obstacle) if finding.obstacle else "It lives."
        for name, value in finding.claims.items():
            yield f"{make_printable(name):<18} {make_printable(_write(value))}"
    elif isinstance(finding, FoundDiscarded):
        yield f"A token of {_write_client(finding.client)}."
        yield (
            f"Signed with {finding.kid}, a key that was discarded on "
            f"{write_timestamp(finding.discarded_at)}: refused everywhere."
        )
    elif isinstance(finding, FoundRefusal):
        event = finding.event
        yield f"Refused at {event.time.isoformat(timespec='seconds')}: {event.reason}."
        yield f"{finding.explanation} {make_printable(event.detail)}".rstrip()
    elif finding.kind is Kind.SECRET:
        yield MISTYPED
    else:
        yield f"It looks like: {finding.kind}."


def _tell_secret(finding: FoundSecret) -> Iterator[str]:
    client = finding.client
    owners = {"owner": "owner {}", "owning_group": "group {}"}
    named = [
        owners[name].format(make_printable(value))
        for name, value in _name_owners(client).items()
        if value
    ]
    whose = ", ".join([_write_client(client), *named])
    yield f"The secret {finding.secret} of {whose}: {finding.state}."
    if finding.count > 1:
        first = "this is the first that belongs to a client"
        yield f"{finding.count} client secrets are in the text; {first}."
    if finding.state is SecretState.LIVE:
        act = f"cc_secret revoke {client.client_id} --secret {finding.secret.visible_end}"
        yield f"To stop only this secret: {act}"
    if client.is_enabled:
        yield f"To stop the whole program: cc_client disable {client.client_id}"


def _name(client: MachineClient | None) -> Mapping[str, str | None]:
    return {
        "client_id": client.client_id if client else None,
        "client_name": client.name if client else None,
    }


def _name_owners(client: MachineClient) -> Mapping[str, str | None]:
    return {
        "owner": client.owner.get_username() if client.owner else None,
        "owning_group": client.owning_group.name if client.owning_group else None,
    }


def _write_client(client: MachineClient | None) -> str:
    if client is None:
        return "a client that was deleted"
    return f"{client.client_id} ({make_printable(client.name)})"


def _write(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
