"""Public keys as people hand them to a command: a file with PEM, a JWK or a JWK Set."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from django_cc.authorization_server.clients.public_key_text import read_public_keys
from django_cc.protocol.public_pem import PEM_BEGINNING

_LARGEST_FILE = 64 * 1024  # bytes; a set of five keys is a tenth of this


def read_jwk(source: str) -> dict[str, Any]:
    """Read the one JWK of a file for argparse; `-` is the standard input.

    Raises:
        argparse.ArgumentTypeError: the file cannot be read, or holds none or several.
    """
    jwks = read_jwks(source)
    if len(jwks) != 1:
        raise argparse.ArgumentTypeError(f"“{source}” must hold one key, and holds {len(jwks)}.")
    return jwks[0]


def read_jwks(source: str) -> list[dict[str, Any]]:
    """Read the keys of a JWK Set (RFC 7517 §5), a JWK alone, or a key in PEM, for argparse.

    Raises:
        argparse.ArgumentTypeError: the file cannot be read, or holds none of these.
    """
    text = _read_text(source)
    if text.lstrip().startswith(PEM_BEGINNING):
        return _read_pem(text)
    document = _read_json(source, text)
    jwks = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(jwks, list) or not all(isinstance(jwk, dict) for jwk in jwks):
        raise argparse.ArgumentTypeError(f"“{source}” holds no JWK and no JWK Set.")
    return jwks


def _read_pem(text: str) -> list[dict[str, Any]]:
    try:
        return read_public_keys(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(" ".join(error.messages)) from None


def _read_json(source: str, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # the text itself may be a private key
        raise argparse.ArgumentTypeError(f"“{source}” cannot be read as JSON.") from None


def _read_text(source: str) -> str:
    try:
        if source == "-":
            text = sys.stdin.read(_LARGEST_FILE + 1)
        else:
            with Path(source).open(encoding="utf-8") as file:
                text = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError):
        raise argparse.ArgumentTypeError(f"“{source}” cannot be read as JSON.") from None
    if len(text) > _LARGEST_FILE:
        raise argparse.ArgumentTypeError(f"“{source}” is larger than {_LARGEST_FILE} bytes.")
    return text
