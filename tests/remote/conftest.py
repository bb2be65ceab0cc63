"""What tests of fetching have in common."""

from tests.remote.fixtures import certificates, connects, names, tls

__all__ = ["certificates", "connects", "names", "tls"]
