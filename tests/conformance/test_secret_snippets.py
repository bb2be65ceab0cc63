"""The code that the console gives with a secret: it gets a token and calls the API with it."""

import base64
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.conformance.snippets import find_code, run
from tests.console.console import Console, read
from tests.machines import ACTOR
from tests.services.plugin import stop_without
from tests.services.service import ServiceMissingError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TWO_APIS = ("orders:read", "billing:read")
CALL = "/api/billing/"
SHELLS = [name for name in ("bash", "dash", "zsh") if shutil.which(name)]

each_grant = pytest.mark.parametrize("scopes", [TWO_APIS[1:], TWO_APIS], ids=["one API", "two"])
each_shell = pytest.mark.parametrize("shell", SHELLS)
with_curl = pytest.mark.usefixtures("curl")


@dataclass(frozen=True)
class Handout:
    """What the page gave.

    Attributes:
        code: by the name of the piece, its API at the live server.
        file_name: of the download for the environment.
        file: what is in it.
        reads_file: the line that a shell reads it by.
    """

    code: dict[str, str]
    file_name: str
    file: str
    reads_file: str


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a real server on loopback, which publishes itself as the issuer."""
    own = {"ISSUER": str(live_server.url), "ALLOW_INSECURE_TRANSPORT": True}
    settings.DJANGO_CC = django_settings.DJANGO_CC | own
    ensure_signing_key(ACTOR)
    return str(live_server.url)


@pytest.fixture
def curl() -> None:
    """A curl on PATH."""
    if shutil.which("curl") is None:
        stop_without(ServiceMissingError("No curl: install it."))


def register(site: str, scopes: Sequence[str]) -> Handout:
    """Register a client, and return what the page gives."""
    console = Console(get_user_model().objects.create_superuser("ana"))
    page = read(console.register(scopes=scopes))
    code = {
        name: text.replace("https://api.example.com/", f"{site}{CALL}")
        for name, text in find_code(page).items()
    }
    ((name, content),) = re.findall(r'download="(\S+\.env)" href="data:\S+?,(\S+?)"', page)
    (line,) = re.findall(r"set -a; \S+ \S+; set \+a", page)
    return Handout(code, name, base64.b64decode(content).decode(), line)


@each_grant
@pytest.mark.parametrize("tool", ["requests", "authlib"])
def test_python_calls_the_api(site: str, tmp_path: Path, tool: str, scopes: Sequence[str]) -> None:
    code = register(site, scopes).code

    program = f"{code[tool]}\n{code[f'{tool}_call']}"
    script = [code["env"], '"$1" -c "$2"']
    printed = run(script, tmp_path, sys.executable, program)

    assert printed.startswith("200 ")


@pytest.mark.node
@each_grant
def test_node_calls_the_api(site: str, tmp_path: Path, scopes: Sequence[str]) -> None:
    code = register(site, scopes).code
    (tmp_path / "call.mjs").write_text(f"{code['node']}\n{code['node_call']}")

    printed = run([code["env"], "node call.mjs"], tmp_path)

    assert printed.startswith("200 ")


@with_curl
@each_shell
@each_grant
def test_curl_calls_the_api(site: str, tmp_path: Path, shell: str, scopes: Sequence[str]) -> None:
    code = register(site, scopes).code

    printed = run([code["env"], code["curl"], code["curl_call"]], tmp_path, shell=shell)

    assert '"is_authenticated":true' in printed


@with_curl
@each_shell
def test_a_shell_reads_the_file_that_was_downloaded(site: str, tmp_path: Path, shell: str) -> None:
    given = register(site, TWO_APIS)
    (tmp_path / given.file_name).write_text(given.file)

    printed = run(
        [given.reads_file, given.code["curl"], given.code["curl_call"]], tmp_path, shell=shell
    )

    assert '"is_authenticated":true' in printed


@with_curl
def test_curl_shows_why_there_is_no_token(site: str, tmp_path: Path) -> None:
    code = register(site, TWO_APIS).code

    script = [code["env"], "CC_CLIENT_SECRET=wrong", code["curl"], 'echo "<$ACCESS_TOKEN>"']
    printed = run(script, tmp_path)

    assert '"invalid_client"' in printed
    assert printed.endswith("<>\n")
