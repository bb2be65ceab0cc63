"""Django's door to the console."""

from django.contrib import admin

from django_cc.console.audit_events import AuditEventAdmin
from django_cc.console.machine_clients import MachineClientAdmin
from django_cc.models import AuditEvent, MachineClient

admin.site.register(AuditEvent, AuditEventAdmin)
admin.site.register(MachineClient, MachineClientAdmin)
