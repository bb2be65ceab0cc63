"""References: what an answer quotes so that its cause can be found in the audit trail."""

import secrets as randomness

_REFERENCE_BYTES = 8  # 64 random bits: nobody meets another's reference by accident


def make_reference() -> str:
    """Return a new reference: 16 hexadecimal digits."""
    return randomness.token_hex(_REFERENCE_BYTES)
