"""The code that the console gives with a secret: it gets a token and calls the API with it."""

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.console.console import Console, read
from tests.machines import ACTOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TWO_APIS = ("orders:read", "billing:read")
CALL = "/api/billing/"


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a real server on loopback, which publishes itself as the issuer."""
    own = {"ISSUER": str(live_server.url), "ALLOW_INSECURE_TRANSPORT": True}
    settings.DJANGO_CC = django_settings.DJANGO_CC | own
    ensure_signing_key(ACTOR)
    return str(live_server.url)


def register(site: str, scopes: Sequence[str]) -> dict[str, str]:
    """Register a client, and return the code of the page, its API at the live server."""
    console = Console(get_user_model().objects.create_superuser("ana"))
    page = read(console.register(scopes=scopes))
    found = re.findall(r'<pre id="cc-code-(\w+)".*?>(.*?)</pre>', page, re.DOTALL)
    return {
        name: html.unescape(code).replace("https://api.example.com/", f"{site}{CALL}")
        for name, code in found
    }


def run(command: Sequence[str], env_file: str, folder: Path, **more: str) -> str:
    """Return what a program printed; loopback needs no https here."""
    pairs = dict(line.split("=", 1) for line in env_file.splitlines())
    ran = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **pairs, "AUTHLIB_INSECURE_TRANSPORT": "1", **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("scopes", [TWO_APIS[1:], TWO_APIS], ids=["one API", "two APIs"])
@pytest.mark.parametrize("tool", ["requests", "authlib"])
def test_python_calls_the_api(site: str, tmp_path: Path, tool: str, scopes: Sequence[str]) -> None:
    code = register(site, scopes)

    program = f"{code[tool]}\n{code[f'{tool}_call']}"
    printed = run([sys.executable, "-c", program], code["env"], tmp_path)

    assert printed.startswith("200 ")


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
@pytest.mark.parametrize("scopes", [TWO_APIS[1:], TWO_APIS], ids=["one API", "two APIs"])
def test_curl_calls_the_api(site: str, tmp_path: Path, scopes: Sequence[str]) -> None:
    code = register(site, scopes)

    answer = run(["bash", "-c", code["curl"]], code["env"], tmp_path)
    token = re.findall(r'"access_token": ?"([^"]+)"', answer)[0]
    call = run(["bash", "-c", code["curl_call"]], code["env"], tmp_path, ACCESS_TOKEN=token)

    assert '"is_authenticated":true' in call
