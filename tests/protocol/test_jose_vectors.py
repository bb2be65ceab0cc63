"""The examples of RFC 7515 Appendix A and RFC 8037 Appendix A."""

import base64
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from django_cc.protocol.jose import JWK, InvalidJWS, PrivateKey, PublicKey, UnverifiedJWS
from django_cc.protocol.names import KeyID, SigningAlgorithm

JOE = (
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
JOE_CLAIMS = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
ED25519_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"


@dataclass(frozen=True)
class Vector:
    """One signed example and its key."""

    jwk: JWK
    signed_part: str
    signature: str

    def received(self, signature: str | None = None) -> UnverifiedJWS:
        """Return the example as a token whose header names its key, which no example does."""
        return UnverifiedJWS(
            header={"alg": self.jwk["alg"], "kid": "example"},
            payload=JOE_CLAIMS,
            signed_part=self.signed_part.encode(),
            signature=decode(signature or self.signature),
        )

    def keys(self) -> dict[KeyID, PublicKey]:
        """Return the key of the example."""
        return {KeyID("example"): PublicKey.from_jwk(self.jwk)}


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


VECTORS = {
    "RFC 7515 A.2": Vector(
        {
            "alg": "RS256",
            "kty": "RSA",
            "e": "AQAB",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
            "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0"
            "LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
            "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
            "PAcDTW9gb54h4FRWyuXpoQ",
        },
        f"eyJhbGciOiJSUzI1NiJ9.{JOE}",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp"
        "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMH"
        "lb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w"
        "9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    ),
    "RFC 7515 A.3": Vector(
        {
            "alg": "ES256",
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        f"eyJhbGciOiJFUzI1NiJ9.{JOE}",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ),
    "RFC 8037 A.4": Vector(
        {
            "alg": "EdDSA",
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        },
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ),
}


@pytest.mark.rfc("7515", "5.2", "Message Signature Validation: the RFCs' own examples")
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_verifies_the_rfcs_example(vector: Vector) -> None:
    assert vector.received().verify(vector.keys()) == JOE_CLAIMS


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_refuses_the_rfcs_example_with_another_signature(vector: Vector) -> None:
    other = vector.signature[::-1].replace("=", "A")

    with pytest.raises(InvalidJWS):
        vector.received(other).verify(vector.keys())


@pytest.mark.rfc("7515", "A.2", "the example's claims")
@pytest.mark.parametrize("name", ["RFC 7515 A.2", "RFC 7515 A.3"])
def test_reads_the_claims_of_the_rfcs_example(name: str) -> None:
    vector = VECTORS[name]

    parsed = UnverifiedJWS.parse(f"{vector.signed_part}.{vector.signature}")

    assert parsed.payload == JOE_CLAIMS


@pytest.mark.rfc("7515", "4.1.4", "kid names the key; ours is required to")
@pytest.mark.parametrize("name", ["RFC 7515 A.2", "RFC 7515 A.3"])
def test_refuses_an_example_that_names_no_key(name: str) -> None:
    vector = VECTORS[name]
    parsed = UnverifiedJWS.parse(f"{vector.signed_part}.{vector.signature}")

    with pytest.raises(InvalidJWS, match="unknown key"):
        parsed.verify(vector.keys())


@pytest.mark.rfc(
    "8037", "A.4", "the example's header and key, a signature that has no chance in it"
)
def test_signs_as_other_implementations_of_ed25519_do() -> None:
    library_key = ed25519.Ed25519PrivateKey.from_private_bytes(decode(ED25519_D))
    token = PrivateKey(SigningAlgorithm.EDDSA, library_key).sign({}, {})

    header, payload, signature = token.split(".")

    assert header == "eyJhbGciOiJFZERTQSJ9"
    assert decode(signature) == library_key.sign(f"{header}.{payload}".encode())
