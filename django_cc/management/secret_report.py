"""Client secrets as commands print them: by their visible ends alone."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from django_cc.authorization_server.succession import Move, Succession, find_successions
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.management.terminal import make_printable
from django_cc.models import ClientSecret, MachineClient

MOVES = (
    "“replaced” is how far the program is with moving to a younger secret: still_used, "
    "safe_to_revoke, or not_known_yet, as use is known up to a minute and a half late."
)


def describe_secrets(client: MachineClient) -> list[dict[str, Any]]:
    """Return the secrets of a client as JSON, the oldest first; times in ISO 8601, UTC."""
    rows = list(client.secrets.order_by("created_at", "pk"))
    moves = {one.old.pk: one for one in find_successions(rows, now=timezone.now())}
    return [_describe(secret, moves.get(secret.pk)) for secret in rows]


def describe_end_of(secret: ClientSecret) -> dict[str, Any]:
    """Return as JSON when a secret that was rotated ends, or has ended."""
    end = secret.revoked_at or secret.expires_at
    return {"old_secret": str(secret), "old_secret_ends_at": write_timestamp(end)}


def write_end_of(secret: ClientSecret) -> str:
    """Return the same for people."""
    name = f"The old secret …{secret.visible_end}"
    if secret.revoked_at is not None:
        return f"{name} has stopped working."
    return f"{name} works until {write_timestamp(secret.expires_at)}."


def write_secret(secret: dict[str, Any]) -> Iterator[str]:
    """Yield the lines for people about a secret that `describe_secrets` returned."""
    end = secret["revoked_at"] or secret["expires_at"] or "never"
    line = f"{secret['secret']}  {secret['state']:<8} ends {end}  last used {_write_use(secret)}"
    line += "  ROTATE" if secret["rotate"] else ""
    yield f"{line}  {make_printable(secret['note'] or '')}".rstrip()
    if secret["replaced"]:
        yield f"  {_SENTENCES[secret['replaced']] % secret}"


_SENTENCES = {
    Move.STILL_USED: "Replaced by %(replaced_by)s, but still used: not everything has moved yet.",
    Move.NOT_KNOWN_YET: (
        "Replaced by %(replaced_by)s. Whether it is still used is not known yet: look again in a "
        "minute and a half."
    ),
    Move.SAFE_TO_REVOKE: (
        "Replaced by %(replaced_by)s, and not used since that was created: safe to revoke."
    ),
}


def _write_use(secret: dict[str, Any]) -> str:
    if secret["last_used_at"] is None:
        return "never"
    address = secret["last_used_address"]
    return f"{secret['last_used_at']} from {address}" if address else str(secret["last_used_at"])


def _describe(secret: ClientSecret, move: Succession | None) -> dict[str, Any]:
    state = "live" if secret.is_live(timezone.now()) else "expired"
    return {
        "secret": str(secret),
        "state": "revoked" if secret.revoked_at else state,
        "old_hash": secret.has_old_hash,
        "rotate": secret.must_be_rotated and state == "live" and not secret.revoked_at,
        "replaced": move.move.value if move else None,
        "replaced_by": str(move.new) if move else None,
        "note": secret.note,
        "created_at": write_timestamp(secret.created_at),
        "created_by": secret.created_by,
        "expires_at": write_timestamp(secret.expires_at),
        "revoked_at": write_timestamp(secret.revoked_at),
        "last_used_at": write_timestamp(secret.last_used_at),
        "last_used_address": secret.last_used_address,
    }
