"""`manage.py cc_signing_key`."""

import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from django_cc.models import SigningKey

pytestmark = pytest.mark.django_db


def ensure(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_signing_key", "ensure", *arguments, stdout=output)
    return output.getvalue()


def test_makes_the_first_key_and_then_says_it_is_there() -> None:
    printed = [ensure(), ensure()]

    kid = SigningKey.objects.get(state="current").kid
    assert printed == [
        f"Created the signing key {kid} (ES256).\n",
        f"There is already the signing key {kid} (ES256).\n",
    ]


def test_prints_json() -> None:
    printed = json.loads(ensure("--json"))

    assert printed == {
        "kid": SigningKey.objects.get(state="current").kid,
        "algorithm": "ES256",
        "created": True,
    }


def test_says_that_the_key_it_finds_cannot_be_used(settings: Any) -> None:
    ensure()
    other = Fernet.generate_key().decode()
    settings.DJANGO_CC = {**settings.DJANGO_CC, "KEY_ENCRYPTION_KEYS": [other]}

    with pytest.raises(CommandError, match="cc_signing_key compromise"):
        ensure()


def test_says_what_is_missing(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "KEY_ENCRYPTION_KEYS": []}

    with pytest.raises(CommandError, match="KEY_ENCRYPTION_KEYS"):
        ensure()
