"""Announce the settings of every role that an authorization server has."""

from django_cc import conf
from django_cc.authorization_server.settings import AuthorizationServerSettings
from django_cc.console.settings import ConsoleSettings
from django_cc.resource_server.settings import ResourceServerSettings


def announce_settings() -> None:
    """Make the keys of all roles known.

    Called when the app gets ready, and before that by the admin, which looks for its pages as
    soon as it is ready itself.
    """
    conf.register(AuthorizationServerSettings)
    conf.register(ConsoleSettings)
    conf.register(ResourceServerSettings)
