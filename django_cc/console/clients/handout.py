"""What a program is handed: files for its environment, and code that reads it."""

import json
import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.clients.credentials import RequestForToken
from django_cc.console.clients.snippets import Snippet, make_data_link
from django_cc.models import MachineClient
from django_cc.protocol.secret_text import SecretText


@dataclass(frozen=True, slots=True)
class Handout(ABC):
    """What the templates show. Files are made as `data:` links: no second request, no storage.

    Attributes:
        client: whose program it is for.
        asked: what its code names in a token request.
    """

    client: MachineClient
    asked: RequestForToken

    @property
    def json_file_name(self) -> str:
        """The name of the credentials file."""
        return f"{self._slug}-credentials.json"

    @property
    def env_file_name(self) -> str:
        """The name of the .env file; browsers take the dot off a name that begins with one."""
        return f"{self._slug}.env"

    @property
    def _slug(self) -> str:
        return slugify(self.client.name) or "client"

    def json_link(self) -> str:
        """Return the credentials file as a link."""
        return make_data_link("application/json", json.dumps(self.to_json(), indent=2))

    def env_link(self) -> str:
        """Return the .env file as a link."""
        return make_data_link("text/plain", "".join(self._list_settings()))

    def terminal_text(self) -> str:
        """Return the lines that set the environment of a terminal.

        A blank is in front of each: shells that are set so keep it out of their history.
        """
        return "".join(f" export {line}" for line in self._list_settings())

    @abstractmethod
    def list_environment(self) -> Mapping[str, str | SecretText]:
        """Return what the code reads from the environment."""

    @abstractmethod
    def to_json(self) -> Mapping[str, Any]:
        """Return what is in the credentials file."""

    @abstractmethod
    def snippets(self) -> list[Snippet]:
        """Return code for the tools people use, the first one unfolded."""

    @sensitive_variables()
    def _list_settings(self) -> list[str]:
        # Quoted where need be: a shell reads the file too, and a key ID may be any text.
        return [f"{name}={_quote(value)}\n" for name, value in self.list_environment().items()]


@sensitive_variables()
def _quote(value: str | SecretText) -> str:
    return shlex.quote(value.reveal() if isinstance(value, SecretText) else value)
