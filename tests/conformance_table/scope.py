"""What the conformance table covers: the RFCs, the sections that must be shown, what is left out."""

from dataclasses import dataclass

# Each with the title it has.
TITLES = {
    "6585": "Additional HTTP Status Codes",
    "6749": "The OAuth 2.0 Authorization Framework",
    "6750": "Bearer Token Usage",
    "7009": "OAuth 2.0 Token Revocation",
    "7515": "JSON Web Signature",
    "7517": "JSON Web Key",
    "7518": "JSON Web Algorithms",
    "7519": "JSON Web Token",
    "7521": "Assertion Framework for OAuth 2.0 Client Authentication and Authorization Grants",
    "7523": "JWT Profile for OAuth 2.0 Client Authentication and Authorization Grants",
    "7523bis": "Updates to OAuth 2.0 JWT Client Authentication and Assertion-Based Grants (draft)",
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
    "OAuth 2.1": "The OAuth 2.1 Authorization Framework (draft)",
}

# At least one test for each, or a line in NOT_APPLICABLE that names the section.
REQUIRED_SECTIONS = {
    "6749": [
        "2.3",
        "2.3.1",
        "2.3.2",
        "3.2",
        "3.2.1",
        "3.3",
        "4.4",
        "4.4.2",
        "4.4.3",
        "5.1",
        "5.2",
        "10.1",
        "10.3",
        "10.10",
        "B",
    ],
    "6750": ["2", "2.1", "2.2", "2.3", "3", "3.1", "5.2", "5.3"],
    "7009": ["2", "2.1", "2.2", "2.2.1", "5"],
    "7521": ["4.2", "4.2.1"],
    "7523": ["2.2", "3"],
    "7523bis": ["4"],
    "7662": ["2.1", "2.2", "2.3", "4"],
    "8414": ["2", "3", "3.1", "3.2", "3.3"],
    "8707": ["2", "2.2", "3"],
    "9068": ["2.1", "2.2", "2.2.3", "3", "4", "5"],
    "9700": ["2.3", "2.5", "2.6", "4.3.2", "4.13"],
    "9728": ["1.2", "2", "3.1", "3.2", "3.3"],
    "OAuth 2.1": ["2.4", "2.4.1", "3.2", "3.2.3", "4.2", "5.1", "5.2"],
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


NOT_APPLICABLE: tuple[Absence, ...] = ()
NOT_SUPPORTED: tuple[Absence, ...] = ()
LATER: tuple[Absence, ...] = ()
