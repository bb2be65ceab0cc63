"""Django's door to the console."""

from django.contrib import admin

from django_cc.console.machine_clients import MachineClientAdmin
from django_cc.models import MachineClient

admin.site.register(MachineClient, MachineClientAdmin)
