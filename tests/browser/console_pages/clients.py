"""The list of machine clients, their overview, and the questions before an act."""

from collections.abc import Callable

from django_cc.authorization_server.clients.state import disable_client
from tests.applications import add_token, create_application
from tests.browser.console_pages.population import (
    count_requests,
    register_long,
    register_one_of_each,
    the_used_clients,
    use,
)
from tests.browser.visitor import Visitor, the_client
from tests.machines import ACTOR, register


def open_list(visitor: Visitor) -> None:
    """Go to a list with every status in it."""
    register_one_of_each()
    for number, client in enumerate(the_used_clients()):
        count_requests(client, number)
    visitor.visit("changelist")


def open_empty_list(visitor: Visitor) -> None:
    visitor.visit("changelist")


def open_filtered_list(visitor: Visitor) -> None:
    """Go to the list of those that need somebody to look at them."""
    register_one_of_each()
    visitor.visit("changelist", query="?status=no_usable_credential")


def open_client(visitor: Visitor) -> None:
    visitor.visit("change", register_long().row.pk)


def open_disabled_client(visitor: Visitor) -> None:
    machine = register_long()
    disable_client(machine.row, ACTOR, reason="Its secret was in a log that many can read.")
    visitor.visit("change", machine.row.pk)


def open_used_client(visitor: Visitor) -> None:
    """Go to a client with figures."""
    machine = use(register_long(), days_ago=0)
    count_requests(machine.row)
    visitor.visit("change", machine.row.pk)


def open_applications(visitor: Visitor) -> None:
    """Go to applications of the toolkit of which one can be adopted."""
    application = create_application()
    add_token(application, "orders:read unheard:of")
    create_application(name="Public", client_type="public")
    visitor.visit("adopt")


def open_message(visitor: Visitor) -> None:
    """Go to a client with the message that it has just been enabled."""
    open_disabled_client(visitor)
    visitor.visit("enable", the_client().pk)
    visitor.press("Enable")


def open_disable_confirmation(visitor: Visitor) -> None:
    visitor.visit("disable", register_long().row.pk)


def open_enable_confirmation(visitor: Visitor) -> None:
    machine = register()
    disable_client(machine.row, ACTOR)
    visitor.visit("enable", machine.row.pk)


def open_delete_confirmation(visitor: Visitor) -> None:
    machine = register_long()
    disable_client(machine.row, ACTOR)
    visitor.visit("delete", machine.row.pk)


def open_bulk_confirmation(visitor: Visitor) -> None:
    """Go to the question whether to kill the tokens of several clients."""
    open_list(visitor)
    for box in visitor.page.locator("input.action-select").all():
        box.check()
    visitor.act_on_chosen("revoke_all_tokens")


PAGES: dict[str, Callable[[Visitor], None]] = {
    "list": open_list,
    "empty list": open_empty_list,
    "filtered list": open_filtered_list,
    "client": open_client,
    "disabled client": open_disabled_client,
    "used client": open_used_client,
    "applications to adopt": open_applications,
    "bulk confirmation": open_bulk_confirmation,
    "delete confirmation": open_delete_confirmation,
    "message": open_message,
    "disable confirmation": open_disable_confirmation,
    "enable confirmation": open_enable_confirmation,
}
