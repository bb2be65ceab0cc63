"""From when on a kill holds, for whoever needs to know it at three in the morning."""

from dataclasses import dataclass

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import find_token_lifetime_of
from django_cc.models import MachineClient


@dataclass(frozen=True, slots=True)
class KillReport:
    """How many seconds after now the tokens of a client are refused.

    Attributes:
        here: in every process of this project, and at introspection.
        everywhere: by APIs that check offline too.
    """

    here: int
    everywhere: int

    @classmethod
    def of(cls, client: MachineClient) -> "KillReport":
        """Return when the tokens that a client has now are dead, if they are killed now."""
        here = get_settings().propagation_seconds
        # A process that lags behind mints for so long.
        everywhere = here + find_token_lifetime_of(client)
        return cls(int(here.total_seconds()), int(everywhere.total_seconds()))

    def to_json(self) -> dict[str, int]:
        """Return the seconds for programs."""
        return {"dead_here_within": self.here, "dead_everywhere_within": self.everywhere}

    def __str__(self) -> str:
        return (
            f"Its tokens are refused here within {self.here} seconds, by APIs that check offline "
            f"within {self.everywhere}."
        )
