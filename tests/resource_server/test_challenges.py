"""Who gets a challenge, and who does not."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.permissions import IsAdminUser
from rest_framework.test import APIRequestFactory, force_authenticate

from django_cc.resource_server.verification.port import NoVerifier
from tests.projects.api_views import WhoAmI


class Broken(WhoAmI):
    """A view with a defect."""

    def get(self, request: Any) -> Any:
        raise ZeroDivisionError


class StaffView(WhoAmI):
    """A view for staff."""

    permission_classes = [IsAdminUser]


def test_leaves_defects_to_django(db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        Broken.as_view()(APIRequestFactory().get("/"))


def test_gives_people_no_challenge(db: None) -> None:
    request = APIRequestFactory().get("/")
    force_authenticate(request, get_user_model().objects.create_user("ana"))

    answer = StaffView.as_view()(request)

    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer


def test_without_a_verifier_every_token_is_refused() -> None:
    from datetime import UTC, datetime

    from django_cc.protocol.errors import InvalidToken

    verifier = NoVerifier()

    assert (verifier.recognises("x"), verifier.find_default_audience()) == (False, None)
    with pytest.raises(InvalidToken):
        verifier.verify("x", audience="y", now=datetime.now(UTC))
