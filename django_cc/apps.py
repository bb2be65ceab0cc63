"""The Django app of the authorization server."""

from django.apps import AppConfig
from django.core.signals import request_finished
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class DjangoCCConfig(AppConfig):
    """Registers; the rules live below."""

    name = "django_cc"
    label = "django_cc"
    verbose_name = _("Machine access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Announce the settings of both roles, the checks, the local strategy and the receiver."""
        from django_cc.authorization_server import checks as authorization_server_checks
        from django_cc.authorization_server.apis.synchronisation import synchronise_after_migrate
        from django_cc.authorization_server.background import run_due_tasks
        from django_cc.authorization_server.process_memory import forget_what_was_learnt
        from django_cc.authorization_server.snapshot.revision import announce_raw_save
        from django_cc.authorization_server.tokens.local_verifier import LocalIssuer
        from django_cc.authorization_server.toolkit import checks as toolkit_checks
        from django_cc.authorization_server.toolkit import refusal_port
        from django_cc.authorization_server.unadopted import record_unadopted
        from django_cc.console import checks as console_checks
        from django_cc.console.installed_settings import announce_settings
        from django_cc.resource_server import checks as resource_server_checks
        from django_cc.resource_server import configured_verifier, process_memory
        from django_cc.resource_server.extensions import load_extensions
        from django_cc.resource_server.verification import strategies

        announce_settings()
        authorization_server_checks.register()
        console_checks.register()
        resource_server_checks.register()
        strategies.register(strategies.LOCAL, lambda _settings: LocalIssuer())
        configured_verifier.install()
        process_memory.register(forget_what_was_learnt)
        load_extensions()
        toolkit_checks.register()
        refusal_port.use(record_unadopted)
        post_migrate.connect(
            synchronise_after_migrate, sender=self, dispatch_uid="django_cc.synchronise_apis"
        )
        for model in self.get_models():
            post_save.connect(
                announce_raw_save, sender=model, dispatch_uid=f"django_cc.raw.{model.__name__}"
            )
        request_finished.connect(run_due_tasks, dispatch_uid="django_cc.background")
