"""The tables of the authorization server, one module for each aggregate."""

from django_cc.models.api import API, APIAccess, APIIntrospector, Scope
from django_cc.models.audit_event import AuditEvent
from django_cc.models.client_key import ClientKey
from django_cc.models.client_secret import ClientSecret
from django_cc.models.machine_client import MachineClient
from django_cc.models.revision import Revision
from django_cc.models.revoked_token import RevokedToken
from django_cc.models.signing_key import SigningKey
from django_cc.models.usage_hour import Dashboard, UsageHour
from django_cc.models.used_assertion import UsedAssertion

__all__ = [
    "API",
    "APIAccess",
    "APIIntrospector",
    "AuditEvent",
    "ClientKey",
    "ClientSecret",
    "Dashboard",
    "MachineClient",
    "Revision",
    "RevokedToken",
    "Scope",
    "SigningKey",
    "UsageHour",
    "UsedAssertion",
]
