"""Threat: an action on many machine clients, posted with what no list of ours sends."""

from typing import Any

import pytest
from django.test import Client

from tests.console.console import page_url
from tests.machines import register


@pytest.fixture
def root(admin_user: Any) -> Client:
    """The browser of somebody who may do everything; a failure is an answer."""
    browser = Client(raise_request_exception=False)
    browser.force_login(admin_user)
    return browser


def post(browser: Client, **fields: Any) -> Any:
    return browser.post(page_url("changelist"), fields, secure=True)


@pytest.mark.parametrize("key", ["9" * 40, "-1", "zz", "1\0", "1_0", "٣", "", " 1"])
def test_refuses_keys_that_no_box_has(root: Client, key: str) -> None:
    client = register().row

    answer = post(
        root, action="disable_clients", _selected_action=[client.pk, key], confirmed="yes"
    )

    client.refresh_from_db()
    assert answer.status_code == 400
    assert client.disabled_at is None


@pytest.mark.parametrize("index", ["zz", "9" * 40, "9" * 5000, "-5", "\0", ""])
def test_refuses_a_button_that_is_not_there(root: Client, index: str) -> None:
    client = register().row

    answer = post(root, action="disable_clients", _selected_action=[client.pk], index=index)

    assert answer.status_code in (302, 400)
