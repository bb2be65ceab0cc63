"""The Django app of a project that only checks tokens."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResourceServerConfig(AppConfig):
    """Protects APIs with tokens issued elsewhere; brings no tables."""

    name = "django_cc.resource_server"
    label = "django_cc_resource_server"
    verbose_name = _("Machine access: resource server")

    def ready(self) -> None:
        """Announce the settings, the checks and the verifier of this role."""
        from django_cc import conf
        from django_cc.resource_server import checks, configured_verifier
        from django_cc.resource_server.extensions import load_extensions
        from django_cc.resource_server.settings import ResourceServerSettings

        conf.register(ResourceServerSettings)
        checks.register()
        configured_verifier.install()
        load_extensions()
