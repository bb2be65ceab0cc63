"""What a program asks the server for, over HTTP."""

from http import HTTPStatus
from typing import Any

import requests

from django_cc.authorization_server.recording import write_down
from django_cc.models import MachineClient


def ask(site: str, client: MachineClient, secret: str) -> requests.Response:
    """Ask for a token by a secret; what the request leaves behind is written down at once."""
    answer = requests.post(
        f"{site}/oauth/token",
        auth=(client.client_id, secret),
        data={"grant_type": "client_credentials"},
        timeout=10,
    )
    write_down()
    return answer


def gets_token(site: str, client: MachineClient, secret: str) -> bool:
    """Tell whether a secret works."""
    return ask(site, client, secret).status_code == HTTPStatus.OK


def read_reference(answer: requests.Response) -> str:
    """Return the reference at the end of a refusal."""
    document: dict[str, Any] = answer.json()
    words: str = document["error_description"]
    return words.rpartition("(reference ")[2].removesuffix(")")
