"""Scenario 1: from an empty install to a token, by what the pages say."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from django_cc.authorization_server.recording import write_down
from django_cc.models import API, Scope
from tests.browser.visitor import Visitor, the_client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empty_install() -> None:
    """Take away the APIs of the settings."""
    Scope.objects.all().delete()
    API.objects.filter(built_in=False).delete()


def test_from_an_empty_install_to_a_token(
    empty_install: None, ana: Visitor, tmp_path: Path
) -> None:
    add_the_api_that_the_dashboard_asks_for(ana)
    register_by_the_dashboard(ana)
    secret = copy_the_secret(ana)
    credentials = download_credentials(ana, tmp_path)

    answer = get_token(credentials)

    assert credentials["client_secret"] == secret
    assert answer["scope"] == "reports:read"
    expect(open_overview(ana).locator(".cc-status")).to_contain_text("Active")
    expect(ana.page.locator("dt:text('Last used') + dd")).to_contain_text("now")


def add_the_api_that_the_dashboard_asks_for(visitor: Visitor) -> None:
    """Add an API with two scopes."""
    visitor.go("/admin/")
    visitor.follow("Dashboard")
    expect(visitor.page.get_by_text("No token requests yet.")).to_be_visible()
    visitor.follow("Add an API")
    visitor.page.locator("#id_name").fill("Reports")
    visitor.page.get_by_label("Identifier").fill("https://reports.example.com")
    visitor.page.locator("#id_scopes-0-name").fill("reports:read")
    visitor.page.get_by_text("Add another Scope").click()
    visitor.page.locator("#id_scopes-1-name").fill("reports:write")
    visitor.save()


def register_by_the_dashboard(visitor: Visitor) -> None:
    """Register the client that the dashboard asks for next."""
    visitor.go("/admin/")
    visitor.follow("Dashboard")
    visitor.follow("Register a machine client")
    visitor.page.get_by_label("Name:", exact=True).fill("Billing sync")
    visitor.page.get_by_label("reports:read").check()
    visitor.save()


def copy_the_secret(visitor: Visitor) -> str:
    """Return what the clipboard holds, which is what the field shows."""
    visitor.copy("Client secret")
    assert visitor.read_clipboard() == visitor.read_secret()
    return visitor.read_clipboard()


def download_credentials(visitor: Visitor, folder: Path) -> dict[str, Any]:
    """Return what is in the file."""
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download credentials (JSON)").click()
    download.value.save_as(folder / "credentials.json")
    document: dict[str, Any] = json.loads((folder / "credentials.json").read_text())
    return document


def get_token(credentials: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of the token endpoint."""
    answer = requests.post(
        credentials["token_url"],
        auth=(credentials["client_id"], credentials["client_secret"]),
        data={"grant_type": "client_credentials"},
        timeout=10,
    )
    document: dict[str, Any] = answer.json()
    return document


def open_overview(visitor: Visitor) -> Any:
    """Go to the client as soon as its use is written down."""
    write_down()
    visitor.visit("change", the_client().pk)
    return visitor.page
