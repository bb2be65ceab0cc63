"""The toolkit's admin of Applications, beside machine clients.

For `OAUTH2_PROVIDER["APPLICATION_ADMIN_CLASS"]`. The toolkit's admin module imports it by its
dotted path while it is being imported itself; nothing of ours may import it earlier.
"""

from oauth2_provider import admin

from django_cc.authorization_server.toolkit.application_admin_mixin import (
    MachineClientApplicationMixin,
)


class ApplicationAdmin(MachineClientApplicationMixin, admin.ApplicationAdmin):
    """The toolkit's own admin class, in which machine clients are read-only."""
