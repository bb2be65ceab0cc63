"""Scenario 4: a secret is rotated while programs run, and the page says when it is safe."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.scenarios.conftest import Enter
from tests.browser.scenarios.token_requests import ask, gets_token, read_reference
from tests.browser.visitor import Visitor
from tests.machines import Machine, register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def dev(enter: Enter) -> Visitor:
    """A developer."""
    return enter("dev", "Developer")


@pytest.fixture
def machine(dev: Visitor) -> Machine:
    """A client of the developer's."""
    return register(owner=User.objects.get(username="dev"))


def test_both_secrets_work_for_a_day_and_then_the_new_one_alone(
    dev: Visitor, machine: Machine
) -> None:
    end = machine.row.secrets.get().visible_end

    new = rotate(dev, machine)
    expect(dev.page.get_by_text(f"The old secret …{end} works until")).to_be_visible()
    dev.reload()
    expect(dev.page.locator("#content h1")).to_have_text("No secret was created")
    assert new not in dev.page.content()

    assert gets_token(dev.site, machine.row, new)
    assert gets_token(dev.site, machine.row, machine.client_secret)
    dev.follow("Go to the credentials")
    words = f"Old secret …{end} last used just now from 127.0.0.1. Not everything has moved yet."
    expect(dev.page.get_by_text(words)).to_be_visible()
    expect(dev.page.get_by_role("row").filter(has_text=f"…{end}")).to_contain_text("Replaced")

    with later(timedelta(hours=24)):
        refused = ask(dev.site, machine.row, machine.client_secret)
        assert gets_token(dev.site, machine.row, new)
        dev.visit("identify")
        dev.page.get_by_label("Token, client secret or reference").fill(read_reference(refused))
        dev.press("Identify")
    expect(dev.page.locator("#content")).to_contain_text(f"…{end} expired at")
    assert machine.row.secrets.count() == 2


def test_an_old_secret_that_nothing_uses_is_revoked_before_its_time(
    dev: Visitor, machine: Machine
) -> None:
    end = machine.row.secrets.get().visible_end
    new = rotate(dev, machine)

    with later(timedelta(minutes=2)):
        gets_token(dev.site, machine.row, new)
        dev.visit("credentials", machine.row.pk)
        dev.follow("Revoke now")
        expect(dev.page.get_by_text("This is the only usable credential.")).to_have_count(0)
        dev.press(f"Revoke secret …{end}")
        works = [gets_token(dev.site, machine.row, one) for one in (machine.client_secret, new)]

    expect(dev.page.get_by_text(f"Secret …{end} is revoked. Tokens that")).to_be_visible()
    expect(dev.page.get_by_text("Past secrets (1)")).to_be_visible()
    assert works == [False, True]


def rotate(visitor: Visitor, machine: Machine) -> str:
    """Rotate the one secret of a client as the page proposes; return the new one."""
    visitor.visit("change", machine.row.pk)
    visitor.follow("Credentials")
    visitor.follow("Rotate")
    expect(visitor.page.get_by_label("in 24 hours")).to_be_checked()
    visitor.press("Rotate secret")
    return visitor.read_secret()


@contextmanager
def later(how_long: timedelta) -> Iterator[None]:
    """Go on after a while, and a second."""
    with time_machine.travel(timezone.now() + how_long + timedelta(seconds=1)):
        yield
