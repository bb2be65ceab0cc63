"""The code that the console gives to clients that sign: it gets tokens as it stands there."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.models import UsedAssertion
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import new_key
from tests.conformance.snippets import find_code, run
from tests.console.console import Console, read
from tests.console.pasted_keys import to_public_pem
from tests.machines import ACTOR

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def console(live_server: Any, settings: Any) -> Console:
    """The console of a real server on loopback, which publishes itself as the issuer."""
    own = {"ISSUER": str(live_server.url), "ALLOW_INSECURE_TRANSPORT": True}
    settings.DJANGO_CC = django_settings.DJANGO_CC | own
    ensure_signing_key(ACTOR)
    return Console(get_user_model().objects.create_superuser("ana"))


def register(console: Console, folder: Path, algorithm: SigningAlgorithm) -> dict[str, str]:
    """Register a client that signs, keep its private key, and return the code of the page."""
    key = new_key(algorithm)
    (folder / "private.pem").write_bytes(key.to_pem())
    rsa = {"rsa_algorithm": algorithm.value} if algorithm.value[1:] == "S256" else {}
    rsa = rsa if algorithm is not SigningAlgorithm.ES256 else {}
    page = console.register(authentication="private_key_jwt", public_key=to_public_pem(key), **rsa)
    return find_code(read(page))


def run_python(environment: str, program: str, folder: Path) -> str:
    """Return what a program printed in a terminal that was set up."""
    return run([environment, '"$1" -c "$2"'], folder, sys.executable, program)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
@pytest.mark.parametrize(
    ("name", "token"),
    [("signed_pyjwt", "token"), ("signed_authlib", "session.token['access_token']")],
)
def test_gets_a_token(
    console: Console, tmp_path: Path, algorithm: SigningAlgorithm, name: str, token: str
) -> None:
    code = register(console, tmp_path, algorithm)

    printed = run_python(code["env"], f"{code[name]}\nprint({token})", tmp_path)

    assert printed.strip().count(".") == 2


@pytest.mark.slow
def test_renews_by_a_new_assertion(console: Console, tmp_path: Path) -> None:
    code = register(console, tmp_path, SigningAlgorithm.ES256)
    twice = f"{code['signed_authlib']}\nsession.fetch_token()\n"

    run_python(code["env"], twice, tmp_path)

    assert UsedAssertion.objects.count() == 2


@pytest.mark.slow
def test_a_key_id_that_a_shell_would_run_is_only_text(console: Console, tmp_path: Path) -> None:
    kid = "a'b $(touch taken) `touch taken` c"
    key = json.dumps({**new_key().public_jwk(), "kid": kid})
    page = read(console.register(authentication="private_key_jwt", public_key=key))
    environment = find_code(page)["env"]

    printed = run_python(environment, "import os; print(os.environ['CC_KEY_ID'])", tmp_path)

    assert printed == f"{kid}\n"
    assert not list(tmp_path.iterdir())
