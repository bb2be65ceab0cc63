"""What an API reads in the metadata of an authorization server (RFC 8414 §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from django_cc.protocol.metadata import well_known_path


class UnusableMetadata(ValueError):
    """A document that cannot be what the issuer says of itself. The words name no content."""


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """Where an issuer's keys are, and who says whether its tokens live.

    Attributes:
        jwks_uri: None where it names none.
        introspection_endpoint: the same.
    """

    jwks_uri: str | None
    introspection_endpoint: str | None

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, issuer: str) -> Self:
        """Read the document that was found where `issuer` has it.

        Raises:
            UnusableMetadata: it is somebody else's: §3.3 "The issuer value returned MUST be
                identical to the authorization server's issuer identifier value", character by
                character; or a URL in it is none.
        """
        if document.get("issuer") != issuer:
            raise UnusableMetadata("its metadata names another issuer")
        return cls(
            jwks_uri=_read_url(document, "jwks_uri"),
            introspection_endpoint=_read_url(document, "introspection_endpoint"),
        )


def metadata_url(issuer: str) -> str:
    """Return where the metadata of `issuer` is: the well-known part before its path (§3.1)."""
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}{well_known_path(issuer)}"


def _read_url(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise UnusableMetadata(f"its metadata has a {name} that is no URL")
    return value
