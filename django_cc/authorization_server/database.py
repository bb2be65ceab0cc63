"""The one database that holds machine access."""

from django.db import router

from django_cc.models import MachineClient


def get_database() -> str:
    """Return the alias of the database that our tables are written to and read from."""
    return router.db_for_write(MachineClient)
