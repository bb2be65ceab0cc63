"""What the registration form offers to the one who registers, by their rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext

from django_cc.console.clients.scope_field import MOST_SCOPES
from django_cc.console.site.rights import Right, may
from django_cc.models import Scope

SHOW_TO_ME = "me"
LATER = "later"


@dataclass(frozen=True, slots=True)
class RegistrationOffer:
    """The rights that count in the form; what it does not offer is refused when it is sent.

    Attributes:
        registrant: who registers.
        may_open: whether they may look at machine clients.
        may_issue: whether they may see a secret and hand over keys.
        may_grant: whether they may give scopes.
        may_grant_restricted: whether they may give restricted ones.
        may_choose_owner: whether they may register for somebody else.
        groups: those they are in; None where the project's users have none.
        has_many_scopes: whether there are too many to tick.
        site_name: the admin site of the request, in which links stay.
    """

    registrant: AbstractBaseUser
    may_open: bool
    may_issue: bool
    may_grant: bool
    may_grant_restricted: bool
    may_choose_owner: bool
    groups: "QuerySet[Group] | None"
    has_many_scopes: bool
    site_name: str | None = None

    @classmethod
    def for_request(cls, request: HttpRequest) -> "RegistrationOffer":
        """Return what the user of a request is offered."""
        user: Any = request.user
        groups = getattr(user, "groups", None)  # custom users may have none
        scopes = Scope.objects.filter(api__built_in=False)
        return cls(
            registrant=user,
            may_open=may(user, Right.VIEW_CLIENT),
            may_issue=may(user, Right.ISSUE_CREDENTIAL),
            may_grant=may(user, Right.GRANT_ACCESS),
            may_grant_restricted=may(user, Right.GRANT_RESTRICTED_SCOPE),
            may_choose_owner=may(user, Right.ACCESS_ALL_CLIENTS),
            groups=groups.all() if groups is not None and groups.exists() else None,
            site_name=getattr(request, "current_app", None),
            has_many_scopes=scopes[: MOST_SCOPES + 1].count() > MOST_SCOPES,
        )

    def find_forbidden(self, data: Mapping[str, str]) -> str | None:
        """Return a field of a submission that this user was not offered, or None."""
        allowed = {
            "owner": self.may_choose_owner,
            "scopes": self.may_grant,
            "public_key": self.may_issue,
            "jwks_uri": self.may_issue,
            "secret_receiver": self.may_issue or data.get("secret_receiver") == LATER,
        }
        forbidden = (name for name, is_offered in allowed.items() if not is_offered)
        return next((name for name in forbidden if data.get(name)), None)

    def list_left_out(self) -> set[str]:
        """Return the fields that this user does not get to see."""
        keys = {"public_key", "rsa_algorithm", "jwks_uri", "save_anyway"}
        left_out = {
            "owner": self.may_choose_owner,
            "owning_group": self.groups is not None,
            "scopes": self.may_grant and not self.has_many_scopes,
            "without_access": self.may_grant and not self.has_many_scopes,
            **dict.fromkeys(keys, self.may_issue),
        }
        return {name for name, is_offered in left_out.items() if not is_offered}

    def list_fieldsets(self) -> list[tuple[str | None, dict[str, Any]]]:
        """Return the parts of the form, each with its fields and what there is to know."""
        about = ["name", "description", "owner", "owning_group", "registration_key"]
        keys = ["public_key", "rsa_algorithm", "jwks_uri", "save_anyway"]
        limits = ["token_lifetime", "rate", "allowed_networks", "expires_at"]
        return [
            (None, self._part(about)),
            (gettext("Authentication"), self._part(["authentication"])),
            (
                gettext("If it uses a client secret"),
                self._part(["secret_receiver", "secret_expires"], classes=["cc-if-secret"]),
            ),
            (
                gettext("If it signs JWTs"),
                self._part(keys, classes=["cc-if-keys"], description=self._describe_keys()),
            ),
            (
                gettext("API access"),
                self._part(["scopes", "without_access"], description=self._describe_access()),
            ),
            (gettext("Limits"), self._part(limits, classes=["collapse"])),
        ]

    def _part(self, names: list[str], **options: Any) -> dict[str, Any]:
        left_out = self.list_left_out()
        return {"fields": [name for name in names if name not in left_out], **options}

    def _describe_keys(self) -> str:
        if self.may_issue:
            return render_to_string("django_cc/clients/key_pair.html")
        return gettext(
            "Whoever manages the client adds its keys later: that needs someone who may create "
            "credentials."
        )

    def _describe_access(self) -> str:
        if not self.may_grant:
            return gettext(
                "Registered without API access: that needs someone who may give it, on the tab "
                "“API access” of the client."
            )
        if self.has_many_scopes:
            return gettext("There are more than 200 scopes. Add API access after registering.")
        return gettext("Scope: one thing the program may do at an API.")
