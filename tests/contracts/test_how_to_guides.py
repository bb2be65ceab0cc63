"""What the how-to guides show works, in projects made of their blocks."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def read_blocks(guide: str) -> list[str]:
    text = (ROOT / "docs/how-to" / guide).read_text()
    return re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)


BEFORE = """
SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "urls"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
"""
TOOLKIT = """
INSTALLED_APPS += ["oauth2_provider"]
OAUTH2_PROVIDER = {"SCOPES": {"read": "Read"}, "ACCESS_TOKEN_EXPIRE_SECONDS": 600}
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [
    "oauth2_provider.contrib.rest_framework.OAuth2Authentication"]}
"""
OURS = """
INSTALLED_APPS += ["oauth2_provider", "rest_framework", "django_cc"]
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
DJANGO_CC = {
    "ISSUER": "https://auth.example.com",
    "KEY_ENCRYPTION_KEYS": [__import__("os").environ["DJANGO_CC_ENCRYPTION_KEYS"]],
    "APIS": {"https://api.example.com": {"scopes": {"orders:read": "See orders"}}},
}
"""
START = """
import base64, json, sys
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("check", databases=["default"], fail_level="ERROR")
call_command("cc_signing_key", "ensure", verbosity=0, stdout=sys.stderr)
from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.registration import Registration, register_client
from django_cc.authorization_server.clients.secrets import default_expiry

def ask(url, client_id, secret):
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(
        url, "grant_type=client_credentials", "application/x-www-form-urlencoded",
        headers={"authorization": f"Basic {pair}"}, secure=True,
    )

new = register_client(
    Registration("Billing", choose_scopes(["orders:read"]), secret_expires_at=default_expiry()),
    Actor.for_command("test"),
)
machine = new.client.client_id, new.secret.reveal()
"""
BESIDE = """
from oauth2_provider.models import get_application_model
old = get_application_model().objects.create(
    name="Old", client_type="confidential", authorization_grant_type="client-credentials",
    client_secret="old secret",
)
print(json.dumps([
    [ask(TOKEN_URL, *machine).status_code, ask("/oauth/token", *machine).status_code],
    [ask(TOKEN_URL, old.client_id, "old secret").status_code],
    [Client().get(url, secure=True).json()["issuer"] for url in DOCUMENTS],
]))
"""
SIDE_BY_SIDE = """
import datetime
import views
from django.utils import timezone

def call(header):
    return Client().get("/", headers={"authorization": header}, secure=True).status_code

bearer = "Bearer " + ask("/oauth/token", *machine).json()["access_token"]
today, yesterday = timezone.localdate(), timezone.localdate() - datetime.timedelta(days=1)
found = []
for last_day in (today, yesterday):
    OLD.last_day = last_day
    found.append([call(bearer), call(old_key()), call(WRONG), call("")])
print(json.dumps(found))
"""
OLD_TOKEN = """
from django.contrib.auth import get_user_model
from rest_framework.authtoken.models import Token
OLD, WRONG = __import__("views").OldToken, "Token x"
token = Token.objects.create(user=get_user_model().objects.create_user("ada"))
old_key = lambda: f"Token {token.key}"
"""
OLD_KEY = """
from rest_framework_api_key.models import APIKey
OLD, WRONG = __import__("views").HasOldKey, "Api-Key x.y"
key = APIKey.objects.create_key(name="old")[1]
old_key = lambda: f"Api-Key {key}"
"""
VIEW_URLS = """
from django.urls import include, path
from views import Orders
urlpatterns = [path("", include("django_cc.urls")), path("", Orders.as_view())]
"""


def run(folder: Path, script: str, **files: str) -> list[list[object]]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "settings",
        "DJANGO_CC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    ran = subprocess.run(
        [sys.executable, "-c", START + script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found: list[list[object]] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("at_root", [False, True])
def test_machines_move_in_beside_the_toolkit(tmp_path: Path, at_root: bool) -> None:
    settings, _own_validator, urls, root_urls = read_blocks(
        "add-machine-clients-to-a-toolkit-project.md"
    )
    if at_root:
        settings = settings.replace('"https://auth.example.com"', '"https://testserver/machines"')
        documents = ["", "/machines"]
    else:
        documents = [""]
    well_known = [f"/.well-known/oauth-authorization-server{suffix}" for suffix in documents]
    script = f"TOKEN_URL, DOCUMENTS = {'/token/' if at_root else '/o/token/'!r}, {well_known}\n"

    found = run(
        tmp_path,
        script + BESIDE,
        settings=BEFORE + TOOLKIT + settings,
        urls="from django.urls import include, path\nurlpatterns = []\n"
        + (root_urls if at_root else urls),
    )

    issuers = ["https://testserver", "https://testserver/machines"]
    expected = issuers if at_root else ["https://auth.example.com"]
    assert found == [[200, 200], [200], expected]


def test_old_tokens_work_beside_machine_clients_until_their_last_day(tmp_path: Path) -> None:
    blocks = read_blocks("move-from-api-keys.md")

    found = run(
        tmp_path,
        OLD_TOKEN + SIDE_BY_SIDE,
        settings=BEFORE + OURS + 'INSTALLED_APPS += ["rest_framework.authtoken"]',
        urls=VIEW_URLS,
        views=blocks[0] + blocks[1],
    )

    assert found == [[200, 200, 401, 401], [200, 401, 401, 401]]


@pytest.mark.skipif(
    importlib.util.find_spec("rest_framework_api_key") is None,
    reason="THE GUIDE FOR djangorestframework-api-key WAS NOT TRIED: it is not installed",
)
def test_old_keys_work_beside_machine_clients_until_their_last_day(tmp_path: Path) -> None:
    blocks = read_blocks("move-from-api-keys.md")

    found = run(
        tmp_path,
        OLD_KEY + SIDE_BY_SIDE,
        settings=BEFORE + OURS + 'INSTALLED_APPS += ["rest_framework_api_key"]',
        urls=VIEW_URLS,
        views=blocks[2] + blocks[3],
    )

    assert found == [[200, 200, 401, 401], [200, 401, 401, 401]]
