"""What somebody may see of the machine clients, where more is known than they may be told."""

from dataclasses import dataclass

from django.db.models import QuerySet

from django_cc.models import MachineClient


@dataclass(frozen=True, slots=True)
class Sight:
    """What the one who asks may see.

    Attributes:
        clients: the clients they may see.
        everything: whether these are all; then also what is of no client, or of a deleted one.
    """

    clients: "QuerySet[MachineClient]"
    everything: bool

    @classmethod
    def of_operators(cls) -> "Sight":
        """Return that of whoever runs commands: all there is."""
        return cls(MachineClient.objects.select_related("application"), everything=True)
