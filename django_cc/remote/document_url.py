"""The URL of a document of another server, read by one parser only."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from django_cc.remote.unavailable import DocumentUnavailable

LONGEST_URL = 2000
_DEFAULT_PORTS = {"https": 443, "http": 80}
# What cannot be in a URL (RFC 3986), and what two parsers read differently.
_SUSPICIOUS = re.compile(r"[^!-~]|[\\\"<>^`{|}]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f:.]*:[0-9a-f:.]*")


class UnacceptableURL(DocumentUnavailable):
    """A URL that is never fetched, whoever is behind it."""


@dataclass(frozen=True, slots=True)
class DocumentURL:
    """Where a document is.

    Attributes:
        is_secure: whether TLS protects it.
        host: a name, or an address without brackets; in lower case.
        port: 1 to 65535.
        target: path and query, as the request names them.
    """

    is_secure: bool
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str, *, plain_http: bool = False) -> Self:
        """Read an absolute URL.

        Args:
            url: as somebody typed it.
            plain_http: whether http:// is good enough.

        Raises:
            UnacceptableURL: not https, no host, or with a user, a fragment, or characters that
                are none of a URL's.
        """
        if len(url) > LONGEST_URL or _SUSPICIOUS.search(url):
            raise UnacceptableURL("it is not a URL: use ASCII without blanks")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UnacceptableURL("it is not a URL") from None
        if parts.scheme != "https" and not (plain_http and parts.scheme == "http"):
            raise UnacceptableURL("use https://")
        if not _HOST.fullmatch(host) or port == 0:
            raise UnacceptableURL("it names no host, or one that cannot be")
        if "@" in parts.netloc or "#" in url:
            raise UnacceptableURL("it must have no user and no fragment")
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            is_secure=parts.scheme == "https",
            host=host,
            port=port or _DEFAULT_PORTS[parts.scheme],
            target=f"{parts.path or '/'}{query}",
        )

    @property
    def host_header(self) -> str:
        """The value of `Host` (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == _DEFAULT_PORTS["https" if self.is_secure else "http"]
        return host if is_default else f"{host}:{self.port}"
