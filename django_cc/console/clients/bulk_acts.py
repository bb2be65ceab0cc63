"""Acts on many machine clients at once: what they are called, do, and ask for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, ngettext_lazy

from django_cc.authorization_server.clients.many import (
    disable_clients,
    enable_clients,
    revoke_tokens_of,
)
from django_cc.console.clients.confirmation import AssentForm, ReasonForm, TypedForm
from django_cc.console.clients.token_end import describe_end_of_many
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An act on many clients.

    Attributes:
        right: what a user needs for it.
        title: the act and how many; the button says the same.
        done: what was done.
        skipped: for how many it has no meaning, and why.
        concerns: whether it has one for a client.
        consequences: what will happen, in sentences.
        asks: the form: nothing, a reason, or the number of clients to type.
        act: does it, in the actor's name and for a reason; returns to how many.
        dangerous: whether its button is red.
    """

    right: Right
    title: Any  # lazy translations that take a `count`
    done: Any
    skipped: Any
    concerns: Callable[[MachineClient], bool]
    consequences: Callable[[], Sequence[str]]
    asks: Callable[[Any, int], forms.Form]
    act: Callable[[Sequence[MachineClient], Any, str], int]
    dangerous: bool = True


def _ask_for_reason(data: Any, _count_of_clients: int) -> ReasonForm:
    return ReasonForm(data)


def _ask_nothing(data: Any, _count_of_clients: int) -> AssentForm:
    return AssentForm(data)


def _ask_for_count(data: Any, count: int) -> ReasonForm:
    label = gettext("Type %(count)d, the number of machine clients that lose their tokens")
    return TypedForm(data, expected=str(count), label=label % {"count": count})


def _tell_disabling() -> list[str]:
    return [
        gettext("New token requests are refused."),
        *describe_end_of_many(),
        gettext(
            "You can enable them again; their secrets then work as before, their old tokens do not."
        ),
    ]


def _tell_enabling() -> list[str]:
    return [
        gettext("They get tokens again with the secrets they have."),
        gettext("Tokens from before they were disabled stay dead."),
    ]


def _tell_revoking() -> list[str]:
    return [
        *describe_end_of_many(),
        gettext("They may get new tokens at once: to stop them, disable them."),
    ]


def _is_enabled(client: MachineClient) -> bool:
    return client.is_enabled


def _is_disabled(client: MachineClient) -> bool:
    return not client.is_enabled


ACTS: Final[Mapping[str, BulkAct]] = {
    "disable_clients": BulkAct(
        right=Right.DISABLE_CLIENT,
        title=ngettext_lazy(
            "Disable %(count)d machine client", "Disable %(count)d machine clients", "count"
        ),
        done=ngettext_lazy(
            "%(count)d machine client is disabled.",
            "%(count)d machine clients are disabled.",
            "count",
        ),
        skipped=ngettext_lazy(
            "%(count)d is skipped: it is disabled already.",
            "%(count)d are skipped: they are disabled already.",
            "count",
        ),
        concerns=_is_enabled,
        consequences=_tell_disabling,
        asks=_ask_for_reason,
        act=lambda clients, actor, reason: disable_clients(clients, actor, reason=reason),
    ),
    "enable_clients": BulkAct(
        right=Right.DISABLE_CLIENT,
        title=ngettext_lazy(
            "Enable %(count)d machine client", "Enable %(count)d machine clients", "count"
        ),
        done=ngettext_lazy(
            "%(count)d machine client is enabled.",
            "%(count)d machine clients are enabled.",
            "count",
        ),
        skipped=ngettext_lazy(
            "%(count)d is skipped: it is enabled already.",
            "%(count)d are skipped: they are enabled already.",
            "count",
        ),
        concerns=_is_disabled,
        consequences=_tell_enabling,
        asks=_ask_nothing,
        act=lambda clients, actor, _reason: enable_clients(clients, actor),
        dangerous=False,
    ),
    "revoke_all_tokens": BulkAct(
        right=Right.REVOKE_TOKENS,
        title=ngettext_lazy(
            "Revoke all tokens of %(count)d machine client",
            "Revoke all tokens of %(count)d machine clients",
            "count",
        ),
        done=ngettext_lazy(
            "All tokens of %(count)d machine client are revoked.",
            "All tokens of %(count)d machine clients are revoked.",
            "count",
        ),
        skipped=ngettext_lazy(
            "%(count)d is skipped: it is disabled, so its tokens are dead already.",
            "%(count)d are skipped: they are disabled, so their tokens are dead already.",
            "count",
        ),
        concerns=_is_enabled,
        consequences=_tell_revoking,
        asks=_ask_for_count,
        act=lambda clients, actor, reason: revoke_tokens_of(clients, actor, reason=reason),
    ),
}
