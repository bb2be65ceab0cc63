"""Keys of nobody: what they verify is refused all the same, but takes as long as for somebody.

They are examples of RFCs, so everybody knows their private halves. Nothing that one of them
verifies is ever accepted.
"""

from collections.abc import Mapping

from django_cc.protocol.jose import PublicKey
from django_cc.protocol.key_kinds import KEY_KINDS
from django_cc.protocol.names import SigningAlgorithm

DECOY_KEYS: Mapping[SigningAlgorithm, PublicKey] = {
    algorithm: PublicKey.from_jwk({**kind.example, "alg": algorithm.value})
    for algorithm, kind in KEY_KINDS.items()
}
