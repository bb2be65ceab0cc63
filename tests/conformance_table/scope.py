"""What the conformance table covers: RFCs, sections that must be shown, what is left out."""

from dataclasses import dataclass

# Each with the title it has.
TITLES = {
    "6585": "Additional HTTP Status Codes",
    "6749": "The OAuth 2.0 Authorization Framework",
    "6750": "Bearer Token Usage",
    "7009": "OAuth 2.0 Token Revocation",
    "7515": "JSON Web Signature",
    "7468": "Textual Encodings of PKIX, PKCS, and CMS Structures",
    "7517": "JSON Web Key",
    "7518": "JSON Web Algorithms",
    "7519": "JSON Web Token",
    "7521": "Assertion Framework for OAuth 2.0 Client Authentication and Authorization Grants",
    "7523": "JWT Profile for OAuth 2.0 Client Authentication and Authorization Grants",
    "7523bis": "Updates to OAuth 2.0 JWT Client Authentication and Assertion-Based Grants (draft)",
    "7591": "OAuth 2.0 Dynamic Client Registration Protocol",
    "7617": "The Basic HTTP Authentication Scheme",
    "7638": "JSON Web Key Thumbprint",
    "7662": "OAuth 2.0 Token Introspection",
    "7800": "Proof-of-Possession Key Semantics for JWTs",
    "8037": "CFRG Elliptic Curve Signatures in JOSE",
    "8414": "OAuth 2.0 Authorization Server Metadata",
    "8707": "Resource Indicators for OAuth 2.0",
    "8725": "JSON Web Token Best Current Practices",
    "9068": "JWT Profile for OAuth 2.0 Access Tokens",
    "9110": "HTTP Semantics",
    "9111": "HTTP Caching",
    "9700": "Best Current Practice for OAuth 2.0 Security",
    "9728": "OAuth 2.0 Protected Resource Metadata",
    "9864": "Fully-Specified Algorithms for JOSE and COSE",
    "OAuth 2.1": "The OAuth 2.1 Authorization Framework (draft)",
}

# Sections that ask something of this project: at least one test for each.
REQUIRED_SECTIONS = {
    "6749": "2.3, 2.3.1, 2.3.2, 3.2, 3.2.1, 3.3, 4.4, 4.4.2, 4.4.3, 5.1, 5.2, 10.3, 10.10, B",
    "6750": "2, 2.1, 2.2, 2.3, 3, 3.1, 5.2, 5.3",
    "7009": "2, 2.1, 2.2, 2.2.1, 5",
    "7521": "4.2, 4.2.1",
    "7523": "2.2, 3",
    "7523bis": "4",
    "7662": "2.1, 2.2, 2.3, 4",
    "8414": "2, 3, 3.1, 3.2, 3.3",
    "8707": "2, 2.2, 3",
    "9068": "2.1, 2.2, 2.2.3, 3, 4, 5",
    "9700": "2.3, 2.5, 2.6, 4.3.2, 4.13, 4.15",
    "9728": "1.2, 2, 3.1, 3.2, 3.3, 5.1",
    "OAuth 2.1": "2.4, 2.4.1, 3.2, 3.2.3, 4.2, 5.1, 5.2",
}


@dataclass(frozen=True, slots=True)
class Absence:
    """Something that an RFC speaks of and that is not here.

    Attributes:
        what: in few words.
        where: the RFC and section.
        why: the reason, and what happens instead.
    """

    what: str
    where: str
    why: str


NOT_APPLICABLE = (
    Absence(
        "Other grants, redirects, PKCE, resource owners",
        "RFC 6749 3.1, 4.1-4.3, 6; RFC 9700 2.1, 2.4",
        "This server serves machines: there is no authorization endpoint and no user.",
    ),
    Absence(
        "Refreshing tokens, the theft of refresh tokens",
        "RFC 6749 6, 10.4; RFC 9700 2.2.2, 4.14",
        "No refresh token is issued (RFC 6749 4.4.3); the same request again does as much.",
    ),
    Absence(
        "error_uri",
        "RFC 6749 5.2",
        "OPTIONAL and not sent; a reference in error_description leads the operators to the cause.",
    ),
    Absence(
        "Public and unauthenticated clients at revocation",
        "RFC 7009 2.1, 5",
        "Every machine client is confidential.",
    ),
    Absence(
        "Revocation of a grant with its other tokens, unsupported_token_type",
        "RFC 7009 2.1, 2.2.1",
        "There is one kind of token and no refresh token to belong to; each is revoked alone.",
    ),
    Absence(
        "JSONP at revocation",
        "RFC 7009 2.3",
        "OPTIONAL, and no browser calls this endpoint.",
    ),
    Absence(
        "Assertions as authorization grants",
        "RFC 7521 4.1; RFC 7523 2.1, 3.1",
        "Assertions authenticate clients; another grant is unsupported_grant_type.",
    ),
    Absence(
        "The parameter resource at the authorization endpoint",
        "RFC 8707 2.1",
        "There is no authorization endpoint.",
    ),
    Absence(
        "Claims about users: auth_time, acr, amr, groups, roles",
        "RFC 9068 2.2.1, 2.2.2, 2.2.3.1",
        "The subject is the client itself.",
    ),
    Absence(
        "Signed metadata, localised names",
        "RFC 8414 2.1; RFC 9728 2.1, 2.2",
        "OPTIONAL; the documents are fetched by https from the party they speak of.",
    ),
    Absence(
        "protected_resources in the server's metadata",
        "RFC 9728 4",
        "OPTIONAL; it would list every API, those of other hosts too, to anybody.",
    ),
)

NOT_SUPPORTED = (
    Absence(
        "client_secret_jwt",
        "RFC 7523; OpenID Connect Core 9",
        "It needs a secret that can be recovered; digests are stored. Refused: invalid_client.",
    ),
    Absence(
        "Several values of resource",
        "RFC 8707 2",
        "One API could replay the token at another (3). Refused: invalid_target.",
    ),
    Absence(
        "Access tokens in the query or a form body",
        "RFC 6750 2.2, 2.3",
        "URLs end up in logs; RFC 9700 4.3.2 forbids the query. They count as none: 401.",
    ),
    Absence(
        "OAuth parameters in the query",
        "RFC 6749 2.3.1",
        "The same. Refused: invalid_request.",
    ),
    Absence(
        "JSON and multipart bodies",
        "RFC 6749 4.4.2",
        "The RFC names one encoding. Refused: invalid_request.",
    ),
    Absence(
        "GET at the token, revocation and introspection endpoints",
        "RFC 6749 3.2; RFC 7662 2.1",
        "405 with Allow, invalid_request.",
    ),
    Absence(
        "Refresh tokens",
        "RFC 6749 4.4.3",
        "SHOULD NOT be issued for this grant, and are not.",
    ),
    Absence(
        "ID tokens as access tokens",
        "RFC 9068 4",
        "Another audience and meaning. Refused by their typ.",
    ),
    Absence(
        "Symmetric signatures, and none",
        "RFC 9068 2.1; RFC 7518 3.1",
        "Whoever verifies could also sign. Refused.",
    ),
)

LATER = (
    Absence(
        "Tokens bound to a key (DPoP)",
        "RFC 9449; RFC 9700 2.2.1",
        "A token that says it is bound is refused until its proof can be checked.",
    ),
    Absence(
        "Mutual TLS, tokens bound to a certificate",
        "RFC 8705; RFC 9700 2.2.1",
        "Not advertised.",
    ),
    Absence(
        "Signed introspection answers",
        "RFC 9701",
        "Answers are plain JSON, whatever the Accept header says.",
    ),
    Absence("Opaque access tokens", "RFC 6749 1.4", "Every access token is a signed JWT."),
)
