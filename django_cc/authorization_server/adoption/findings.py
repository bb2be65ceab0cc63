"""Find what speaks against adopting an Application."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from django_cc.authorization_server.adoption.stored_digests import digest_known_secret
from django_cc.authorization_server.toolkit.adoption_candidates import Candidate
from django_cc.authorization_server.toolkit.adoption_scopes import RecentTokens
from django_cc.authorization_server.toolkit.adoption_secrets import OldSecretKind, tell_kind
from django_cc.models import ClientSecret

_LONGEST_CLIENT_ID = 190  # a cache's key has 250 characters, our words included
_LONGEST_DIGEST = ClientSecret._meta.get_field("digest").max_length or 0


def find_obstacles(candidates: Sequence[Candidate]) -> dict[Any, tuple[str, ...]]:
    """Return why each cannot be adopted, in sentences, by the Application's primary key."""
    digests = {one.application_id: _digest(one) for one in candidates}
    used = Counter(digest for digest in digests.values() if digest)
    rows = ClientSecret.objects.filter(digest__in=used).values_list("digest", flat=True)
    used.update(rows)
    return {
        one.application_id: tuple(_list_obstacles(one, digests[one.application_id], used))
        for one in candidates
    }


def find_doubts(
    candidate: Candidate, recent: RecentTokens | None, *, is_user: bool
) -> tuple[str, ...]:
    """Return what speaks against adopting it unless somebody who knows better says so."""
    doubts = []
    if is_user:
        doubts.append(
            _(
                "Its client ID is also a user's name, e-mail address or number: an API could take "
                "its tokens for that user's (RFC 9068 §5). SUBJECT_PREFIX keeps them apart."
            )
        )
    if candidate.source == "dcr":
        doubts.append(
            _("It registered itself (RFC 7591), and could not change itself there any more.")
        )
    if recent is not None and recent.for_users:
        doubts.append(
            _("%(count)d of its recent tokens are for users: it is not only a machine.")
            % {"count": recent.for_users}
        )
    return tuple(doubts)


def _digest(candidate: Candidate) -> str | None:
    kind = tell_kind(candidate.stored_secret, is_hashed=candidate.is_hashed)
    return digest_known_secret(candidate.stored_secret, kind)


def _list_obstacles(candidate: Candidate, digest: str | None, used: Counter[str]) -> list[str]:
    kind = tell_kind(candidate.stored_secret, is_hashed=candidate.is_hashed)
    findings = {
        _("It is a public client, which cannot keep a secret: register a machine client."): (
            candidate.is_public
        ),
        _("It has ID tokens signed (algorithm): make an Application of its own for people."): (
            bool(candidate.algorithm)
        ),
        _("It is a document on the web (CIMD), which the toolkit fetches anew."): (
            candidate.source == "cimd"
        ),
        _("It has no secret: give it one at the toolkit, or register a machine client."): (
            kind is OldSecretKind.NONE
        ),
        _("No hasher of PASSWORD_HASHERS knows its secret: put the one that made it back."): (
            kind is OldSecretKind.UNREADABLE
        ),
        _("The hash of its secret is too long to be kept."): (
            digest is not None and len(digest) > _LONGEST_DIGEST
        ),
        _("Another client has the very same secret: give one of them a new one."): (
            digest is not None and used[digest] > 1
        ),
        _("Its client ID is not 1 to 190 printable ASCII characters without blanks."): (
            not _is_usable(candidate.client_id)
        ),
    }
    return [sentence for sentence, applies in findings.items() if applies]


def _is_usable(client_id: str) -> bool:
    # RFC 6749 Appendix A.1: VSCHAR. The blank, one of them, would end names elsewhere.
    is_short = 0 < len(client_id) <= _LONGEST_CLIENT_ID
    return is_short and client_id.isascii() and client_id.isprintable() and " " not in client_id
