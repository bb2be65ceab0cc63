"""Pictures of the console for people to look at, and for README.md; `nox -s screenshots`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from tests.browser.conftest import OpenBrowser
from tests.browser.console_pages import PAGES
from tests.browser.scenarios.conftest import member
from tests.browser.visitor import Visitor
from tests.machines import register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOLDER = Path(__file__).parents[3] / "screenshots"
LIGHT: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
DARK: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "color_scheme": "dark",
    "device_scale_factor": 2,
}
ON_A_TELEPHONE_TOO = (
    "dashboard",
    "list",
    "form",
    "show once",
    "used client",
    "credentials",
    "preview",
    "revocation",
    "signing keys",
)


@pytest.fixture(autouse=True)
def published(site: str, settings: Settings) -> None:
    """Show the addresses of a real installation, not those of the test server."""
    settings.DJANGO_CC = django_settings.DJANGO_CC | {"ISSUER": "https://auth.example.com"}


@pytest.mark.parametrize("name", ["admin index", *PAGES])
def test_shoots_each_page(open_browser: OpenBrowser, name: str) -> None:
    shoot(open_browser(**LIGHT), name, f"{name}, light")


@pytest.mark.parametrize("name", ON_A_TELEPHONE_TOO)
def test_shoots_it_dark_and_narrow(open_browser: OpenBrowser, name: str) -> None:
    shoot(open_browser(**DARK), name, f"{name}, dark")


def test_shoots_what_an_auditor_sees(open_browser: OpenBrowser) -> None:
    visitor = open_browser(member("kim", "Auditor"), **LIGHT)

    visitor.visit("change", register().row.pk)

    save(visitor, "auditor, light")


def test_shoots_a_language_from_right_to_left(
    open_browser: OpenBrowser, settings: Settings
) -> None:
    settings.LANGUAGE_CODE = "ar"
    visitor = open_browser(**LIGHT)

    open_page: Callable[[Visitor], None] = PAGES["credentials"]
    open_page(visitor)

    save(visitor, "credentials, Arabic")


def test_shoots_forced_colours(open_browser: OpenBrowser) -> None:
    shoot(open_browser(forced_colors="active", **LIGHT), "list", "list, forced colours")


def shoot(visitor: Visitor, page: str, name: str) -> None:
    """Open a page and save a picture of it."""
    if page == "admin index":
        visitor.go("/admin/")
    else:
        PAGES[page](visitor)
    save(visitor, name)


def save(visitor: Visitor, name: str) -> None:
    """Write what the visitor sees into `FOLDER`, the whole page."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name.replace(', ', '-').replace(' ', '-')}.png"
    visitor.page.screenshot(path=path, full_page=True, animations="disabled")
    assert path.stat().st_size
