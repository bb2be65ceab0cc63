"""What the toolkit's test modules expect of the project they run in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from oauth2_provider.settings import oauth2_settings as toolkit_settings


def pytest_configure(config: pytest.Config) -> None:
    """Know the marks they use."""
    config.addinivalue_line("markers", "oauth2_settings(settings): what the toolkit is set to")
    config.addinivalue_line("markers", "nologinrequiredmiddleware: without that middleware")


@pytest.fixture(autouse=True)
def refuse_unadopted(request: pytest.FixtureRequest, settings: Any) -> None:
    """Refuse applications that are not adopted, where the folder is named for that."""
    refuses = request.path.parent.name == "refusing"
    settings.DJANGO_CC = {**django_settings.DJANGO_CC, "REFUSE_UNADOPTED": refuses}


@pytest.fixture
def oauth2_settings(request: pytest.FixtureRequest, settings: Any) -> Iterator[Any]:
    """Set the toolkit to what the mark says, on top of the project; tests change more of it."""
    mark = request.node.get_closest_marker("oauth2_settings")
    changes = mark.args[0] if mark else {}
    settings.OAUTH2_PROVIDER = {**django_settings.OAUTH2_PROVIDER, **changes}
    request.cls.oauth2_settings = _Recording(toolkit_settings)
    yield request.cls.oauth2_settings
    toolkit_settings.reload()


class _Recording:
    """The toolkit's settings, which forget at a reload only what they know that they cached."""

    def __init__(self, known: Any) -> None:
        vars(self)["_known"] = known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._known, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._known, name, value)
        self._known._cached_attrs.add(name)
