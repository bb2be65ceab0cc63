"""What can be done to signing keys, each act on a page that says what will happen."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.compromise import replace_compromised_keys
from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError
from django_cc.authorization_server.signing_keys.life_cycle import KeyChangeRefused
from django_cc.authorization_server.signing_keys.retirement import retire_key
from django_cc.authorization_server.signing_keys.rotation import (
    ensure_signing_key,
    rotate_signing_key,
)
from django_cc.authorization_server.signing_keys.schedule import JWK_SET_MAX_AGE
from django_cc.console.signing_keys.key_facts import State, gather_key_facts, list_public_facts
from django_cc.console.site.actors import get_actor
from django_cc.console.site.confirmation import AssentForm, Question, TypedAssentForm, TypedForm
from django_cc.console.site.links import console_url
from django_cc.console.site.rights import Right
from django_cc.console.site.times import format_time
from django_cc.models import SigningKey


class KeyQuestion(Question):
    """A question about the signing keys; it leads back to their list."""

    rights: ClassVar[tuple[Right, ...]] = (Right.VIEW_SIGNING_KEY,)
    form = AssentForm
    refusals = (ValidationError, KeyChangeRefused, EncryptionKeyError)

    def find_way_back(self, request: HttpRequest, **_arguments: Any) -> str:
        """Return the address of the list."""
        return console_url(request, "django_cc_signingkey_changelist")


class CreateKeyPage(KeyQuestion):
    """Makes the first key, and the one behind it."""

    name = "ensure"
    route = "create/"
    rights_to_post = (Right.ROTATE_SIGNING_KEY,)
    dangerous = False

    def make_title(self, **_arguments: Any) -> str:
        """Return the title."""
        return gettext("Create the signing keys that are missing")

    def list_consequences(self, **_arguments: Any) -> Sequence[str]:
        """Return what there is afterwards."""
        return [
            gettext("A Current key signs tokens from now on, where there is none yet."),
            gettext("A Next key is published, so that APIs know it before it signs."),
        ]

    def act(self, request: HttpRequest, _form: forms.Form, **_arguments: Any) -> str:
        """Make what is missing."""
        key, is_new = ensure_signing_key(get_actor(request))
        text = (
            gettext("Key %(kid)s signs now.") if is_new else gettext("Key %(kid)s signs already.")
        )
        return text % {"kid": key.kid}


class RotatePage(KeyQuestion):
    """Has the Next key sign once everybody knows it."""

    name = "rotate"
    route = "rotate/"
    rights_to_post = (Right.ROTATE_SIGNING_KEY,)
    dangerous = False

    def make_title(self, **_arguments: Any) -> str:
        """Return the title."""
        return gettext("Rotate the signing key")

    def list_consequences(self, **_arguments: Any) -> Sequence[str]:
        """Return what follows what."""
        return list_rotation()

    def act(self, request: HttpRequest, _form: forms.Form, **_arguments: Any) -> str:
        """Rotate."""
        return _tell_rotation(request, skip_wait=False)


class ActivateEarlyPage(KeyQuestion):
    """Has the Next key sign although APIs may not know it yet."""

    name = "activate_early"
    route = "activate-early/"
    rights_to_post = (Right.ROTATE_SIGNING_KEY,)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask, where there is a key to ask about."""
        if _find_upcoming() is None:
            text = gettext("There is no Next key. Create the keys that are missing.")
            return self.leave(request, text, level=messages.ERROR)
        return super().get(request, **arguments)

    def make_form(self, data: Any, **_arguments: Any) -> TypedAssentForm:
        """Ask for the kid of the key that is to sign; the trail tells no reason of a rotation."""
        return TypedAssentForm(data, **_name_kid(_find_upcoming()))

    def make_title(self, **_arguments: Any) -> str:
        """Return the title."""
        return gettext("Activate the Next signing key early")

    def make_button(self, **_arguments: Any) -> str:
        """Return the verb and its object."""
        return gettext("Activate the Next key now")

    def list_consequences(self, **_arguments: Any) -> Sequence[str]:
        """Return what breaks, and what follows what."""
        minutes = int(JWK_SET_MAX_AGE.total_seconds() // 60)
        ready_at = gather_key_facts().ready_at
        waiting = gettext("Without haste it would be ready at %(time)s.") % {"time": ready_at}
        broken = ngettext(
            "APIs that cached the old key list refuse new tokens for up to %(n)d minute.",
            "APIs that cached the old key list refuse new tokens for up to %(n)d minutes.",
            minutes,
        )
        return [broken % {"n": minutes}, waiting, *list_rotation()]

    def act(self, request: HttpRequest, _form: forms.Form, **_arguments: Any) -> str:
        """Rotate without waiting."""
        return _tell_rotation(request, skip_wait=True)


class CompromisePage(KeyQuestion):
    """Replaces keys that got into wrong hands."""

    name = "compromise"
    route = "compromise/"
    rights_to_post = (Right.RETIRE_SIGNING_KEY,)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask, where there is a key to replace."""
        if _find_current() is None:
            text = gettext("No key of the database signs, so there is none to replace.")
            return self.leave(request, text, level=messages.ERROR)
        return super().get(request, **arguments)

    def make_form(self, data: Any, **_arguments: Any) -> TypedForm:
        """Ask for the kid of the key that signs, and for the reason."""
        return TypedForm(data, **_name_kid(_find_current()))

    def make_title(self, **_arguments: Any) -> str:
        """Return the title."""
        return gettext("Compromised: replace the signing keys now")

    def make_button(self, **_arguments: Any) -> str:
        """Return the verb and its object."""
        return gettext("Replace the signing keys now")

    def list_consequences(self, **_arguments: Any) -> Sequence[str]:
        """Return what is discarded, and what stops working when."""
        seconds = int(get_settings().propagation_seconds.total_seconds())
        here = ngettext(
            "All tokens signed with them are refused here within %(n)d second.",
            "All tokens signed with them are refused here within %(n)d seconds.",
            seconds,
        )
        return [
            gettext("The Current and the Next key are discarded; fresh ones are made."),
            here % {"n": seconds},
            gettext(
                "All tokens signed with it are rejected once APIs refresh their key list: up to 5 "
                "minutes, up to an hour if they cannot reach it."
            ),
            gettext("Machine clients get new tokens at once with the credentials they have."),
            gettext("Retiring keys go on verifying: retire each of them where they leaked too."),
            gettext("This cannot be undone."),
        ]

    def act(self, request: HttpRequest, form: forms.Form, **_arguments: Any) -> str:
        """Replace them."""
        reason = form.cleaned_data["reason"]
        done = replace_compromised_keys(get_actor(request), reason=reason)
        discarded = ", ".join(key.kid for key in done.discarded)
        text = gettext("Key %(kid)s signs now. Discarded: %(discarded)s.")
        return text % {"kid": done.current.kid, "discarded": discarded}


class RetirePage(KeyQuestion):
    """Retires one key; what may still verify tokens needs its kid typed."""

    name = "retire"
    route = "<int:pk>/retire/"
    rights_to_post = (Right.RETIRE_SIGNING_KEY,)

    def answer(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Find the key, and answer."""
        key = list_public_facts().filter(pk=arguments.pop("pk")).first()
        if key is None:
            text = gettext("There is no such signing key.")
            return self.leave(request, text, level=messages.ERROR)
        return super().answer(request, key=key, **arguments)

    def make_form(self, data: Any, **arguments: Any) -> TypedForm:
        """Ask for its kid and the reason."""
        return TypedForm(data, **_name_kid(arguments["key"]))

    def make_title(self, *, key: SigningKey, **_arguments: Any) -> str:
        """Return the title."""
        return gettext("Retire the signing key %(kid)s") % {"kid": key.kid}

    def make_button(self, **_arguments: Any) -> str:
        """Return the verb and its object."""
        return gettext("Retire the signing key")

    def list_consequences(self, *, key: SigningKey, **_arguments: Any) -> Sequence[str]:
        """Return what stops."""
        first = gettext("It leaves the published key list, and its private part is destroyed.")
        end = key.verifies_until
        if key.state == State.RETIRING and end is not None and end > timezone.now():
            alive = gettext(
                "Tokens that it signed may live until %(time)s: they are refused from now on."
            )
            return [alive % {"time": format_time(end)}, first, gettext("This cannot be undone.")]
        if key.state == State.CURRENT:
            verifying = gettext("It signs no more and only verifies first: it becomes Retiring.")
            return [verifying, gettext("Retire it again when its last token has expired.")]
        return [first, gettext("This cannot be undone.")]

    def act(
        self, request: HttpRequest, form: forms.Form, *, key: SigningKey, **_arguments: Any
    ) -> str:
        """Retire it; the kid was typed, so a Retiring key is not waited for."""
        reason, force = form.cleaned_data["reason"], key.state == State.RETIRING
        retired = retire_key(key.kid, get_actor(request), force=force, reason=reason)
        if retired.state == State.RETIRING:
            return gettext("Key %(kid)s signs no more and only verifies.") % {"kid": key.kid}
        return gettext("Key %(kid)s is retired.") % {"kid": key.kid}


def list_rotation() -> list[str]:
    """Return what a rotation does."""
    return [
        gettext("The Next key signs new tokens."),
        gettext("The Current key only verifies, until the longest token it signed has expired."),
        gettext("A new Next key is made and published."),
    ]


def _tell_rotation(request: HttpRequest, *, skip_wait: bool) -> str:
    done = rotate_signing_key(get_actor(request), skip_wait=skip_wait)
    replaced = done.replaced.kid if done.replaced else ""
    text = gettext("Key %(new)s signs now; %(old)s only verifies.")
    return text % {"new": done.current.kid, "old": replaced}


def _find_upcoming() -> SigningKey | None:
    return gather_key_facts().upcoming


def _find_current() -> SigningKey | None:
    return gather_key_facts().current


def _name_kid(key: SigningKey | None) -> dict[str, str]:
    """Return what has to be typed, and the label that says so."""
    expected = "" if key is None else key.kid
    label = gettext("Type the key ID, %(kid)s") % {"kid": expected}
    return {"expected": expected, "label": label}
