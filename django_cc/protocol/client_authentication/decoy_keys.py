"""Keys of nobody: what they verify is refused all the same, but takes as long as for somebody.

They are examples of RFCs, so everybody knows their private halves. Nothing that one of them
verifies is ever accepted.
"""

from collections.abc import Mapping

from django_cc.protocol.jose import JWK, PublicKey
from django_cc.protocol.names import SigningAlgorithm

_RSA: JWK = {  # RFC 7638 §3.1
    "kty": "RSA",
    "e": "AQAB",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2"
    "QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6W"
    "eZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
}
_EC: JWK = {  # RFC 7515 A.3.1
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
_OKP: JWK = {  # RFC 8037 A.2
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}

DECOY_KEYS: Mapping[SigningAlgorithm, PublicKey] = {
    algorithm: PublicKey.from_jwk({**jwk, "alg": algorithm.value})
    for algorithm, jwk in {
        SigningAlgorithm.ES256: _EC,
        SigningAlgorithm.RS256: _RSA,
        SigningAlgorithm.PS256: _RSA,
        SigningAlgorithm.EDDSA: _OKP,
    }.items()
}
