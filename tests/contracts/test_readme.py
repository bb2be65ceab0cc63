"""What README.md shows works: its ten lines protect an API in a project made of them."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SETTINGS, URLS = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
COMMANDS = [shlex.split(line) for line in re.findall(r"^python manage\.py (.*)$", README, re.M)]
KEY = Fernet.generate_key().decode()

BEFORE = """
SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "urls"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "shop",
]
"""
ROUTES = """
from rest_framework.routers import SimpleRouter
from shop.models import Order
from rest_framework.serializers import ModelSerializer

class OrderSerializer(ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "item"]

router = SimpleRouter()
OrderViewSet.queryset, OrderViewSet.serializer_class = Order.objects.all(), OrderSerializer
router.register("orders", OrderViewSet)
urlpatterns += router.urls
"""
MODELS = """
from django.db import models

class Order(models.Model):
    item = models.CharField(max_length=100)
    class Meta:
        app_label = "shop"
"""
CALL = """
import base64, json, sys
import django
django.setup()
from django.test import Client
pair = base64.b64encode(":".join(sys.argv[1:]).encode()).decode()
form = "application/x-www-form-urlencoded"
answer = Client().post(
    "/oauth/token", "grant_type=client_credentials", form,
    headers={"authorization": f"Basic {pair}"}, secure=True,
)
bearer = {"authorization": "Bearer " + answer.json()["access_token"]}
print(json.dumps([
    Client().post("/orders/", {"item": "tea"}, headers=bearer).status_code,
    Client().get("/orders/", headers=bearer).json(),
    Client().get("/orders/").status_code,
    Client().delete("/orders/1/", headers=bearer).status_code,
]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the README's blocks in its settings and its URLconf."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").touch()
    (tmp_path / "shop/models.py").write_text(MODELS)
    (tmp_path / "settings.py").write_text(BEFORE + SETTINGS)
    (tmp_path / "urls.py").write_text(URLS.replace(", ...]", "]") + ROUTES)
    (tmp_path / "call.py").write_text(CALL)
    return tmp_path


def run(project: Path, *command: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{project}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "settings",
        "DJANGO_CC_ENCRYPTION_KEYS": KEY,
    }
    ran = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_ten_lines_protect_an_api(project: Path) -> None:
    check, migrate, ensure, create = COMMANDS
    run(project, "-m", "django", *check)
    run(project, "-m", "django", *migrate, "--run-syncdb")  # shop has no migrations
    run(project, "-m", "django", *ensure)
    client = json.loads(run(project, "-m", "django", *create, "--json"))

    placed, listed, stranger, deleted = json.loads(
        run(project, "call.py", client["client_id"], client["client_secret"])
    )

    assert (placed, stranger, deleted) == (201, 401, 403)
    assert listed == [{"id": 1, "item": "tea"}]
