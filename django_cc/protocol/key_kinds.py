"""What kind of key each signing algorithm takes: the one table that another algorithm extends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from django_cc.protocol.names import SigningAlgorithm

LEAST_RSA_KEY_BITS: Final = 2048  # RFC 7518 §3.3, §3.5: MUST
_NEW_RSA_KEY_BITS: Final = 3072  # NIST SP 800-57: 128-bit strength


@dataclass(frozen=True, slots=True)
class KeyKind:
    """One kind of key.

    Attributes:
        kty: its `kty` in a JWK (RFC 7518 §6.1, RFC 8037 §2).
        crv: its `crv` there; None where there is none.
        make: returns a new private key, an object of `cryptography`.
        fits: tells whether a public key is of this kind, and strong enough.
        example: a public JWK of an RFC, which is nobody's key.
    """

    kty: str
    crv: str | None
    make: Callable[[], Any]
    fits: Callable[[object], bool]
    example: Mapping[str, str]


_RSA = KeyKind(
    kty="RSA",
    crv=None,
    make=lambda: rsa.generate_private_key(65537, _NEW_RSA_KEY_BITS),
    fits=lambda key: isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_KEY_BITS,
    example={  # RFC 7638 §3.1
        "kty": "RSA",
        "e": "AQAB",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSo"
        "c_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2"
        "QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6W"
        "eZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    },
)
_P256 = KeyKind(
    kty="EC",
    crv="P-256",
    make=lambda: ec.generate_private_key(ec.SECP256R1()),
    fits=lambda key: (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    ),
    example={  # RFC 7515 A.3.1
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    },
)
_ED25519 = KeyKind(
    kty="OKP",
    crv="Ed25519",
    make=ed25519.Ed25519PrivateKey.generate,
    fits=lambda key: isinstance(key, ed25519.Ed25519PublicKey),
    example={  # RFC 8037 A.2
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    },
)

KEY_KINDS: Final[Mapping[SigningAlgorithm, KeyKind]] = {
    SigningAlgorithm.ES256: _P256,
    SigningAlgorithm.RS256: _RSA,
    SigningAlgorithm.PS256: _RSA,
    SigningAlgorithm.EDDSA: _ED25519,
}


def _is_the_only_one(algorithm: SigningAlgorithm) -> bool:
    return list(KEY_KINDS.values()).count(KEY_KINDS[algorithm]) == 1


# Of some kinds there is one algorithm, so the key tells it; an RSA key does not.
TOLD_BY_THE_KEY: Final = tuple(filter(_is_the_only_one, KEY_KINDS))
NOT_TOLD_BY_THE_KEY: Final = tuple(name for name in KEY_KINDS if name not in TOLD_BY_THE_KEY)


def find_told_by_key(key: object) -> SigningAlgorithm | None:
    """Return the only algorithm that a public key (of `cryptography`) is for; None: no such one."""
    return next((name for name in TOLD_BY_THE_KEY if KEY_KINDS[name].fits(key)), None)


def find_told_by_jwk(jwk: Mapping[str, Any]) -> SigningAlgorithm | None:
    """Return the only algorithm that a JWK is for, by `kty` and `crv`; None: no such one."""
    named = (jwk.get("kty"), jwk.get("crv"))
    kinds = ((name, KEY_KINDS[name]) for name in TOLD_BY_THE_KEY)
    return next((name for name, kind in kinds if (kind.kty, kind.crv) == named), None)
