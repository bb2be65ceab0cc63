"""The settings of the console."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.utils.module_loading import import_string

from django_cc import conf
from django_cc.models import MachineClient


@dataclass(frozen=True)
class ConsoleSettings:
    """Keys of `DJANGO_CC` that the console reads.

    Attributes:
        admin_autoregister: whether the console joins Django's default admin site by itself;
            False where `django_cc.console.registration.register_console` is called for another.
        admin_base_class: dotted path of the ModelAdmin of the project's admin theme.
        default_auth_method: what the registration form proposes: `client_secret` or
            `private_key_jwt`.
    """

    admin_autoregister: bool = True
    admin_base_class: str = "django.contrib.admin.ModelAdmin"
    default_auth_method: str = MachineClient.Authentication.CLIENT_SECRET.value

    def __post_init__(self) -> None:
        """Refuse wrong values, each by the name of its key."""
        if not isinstance(self.admin_autoregister, bool):
            raise conf.refuse("ADMIN_AUTOREGISTER", "must be True or False.")
        if not isinstance(self.admin_base_class, str):
            raise conf.refuse("ADMIN_BASE_CLASS", "must be the dotted path of a ModelAdmin.")
        if self.default_auth_method not in MachineClient.Authentication.values:
            methods = ", ".join(MachineClient.Authentication.values)
            raise conf.refuse("DEFAULT_AUTH_METHOD", f"must be one of {methods}.")

    def load_base_class(self) -> type[Any]:
        """Return the ModelAdmin that `admin_base_class` names.

        Raises:
            ImproperlyConfigured: it cannot be imported, or is no ModelAdmin.
        """
        try:
            found = import_string(self.admin_base_class)
        except ImportError as error:
            raise conf.refuse("ADMIN_BASE_CLASS", f"cannot be imported: {error}") from None
        if not (isinstance(found, type) and issubclass(found, admin.ModelAdmin)):
            raise conf.refuse("ADMIN_BASE_CLASS", "names something that is no ModelAdmin.")
        return found


def get_settings() -> ConsoleSettings:
    """Return the settings in force.

    Raises:
        ImproperlyConfigured: `DJANGO_CC` is wrong.
    """
    return conf.get(ConsoleSettings)
