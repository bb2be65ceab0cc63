"""Change the columns of an Application that becomes a machine client, or is one no longer.

None is saved by the toolkit's `save()`: its column for secrets would hash a hash that no hasher
knows any more, and `updated` tells whether somebody else saved the Application since.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oauth2_provider.models import get_application_model


def take_over_applications(names: Mapping[Any, str], *, hashed_secret: str) -> None:
    """Leave nothing in the Applications that opens the toolkit's endpoints, and no user.

    Args:
        names: what each is named from now on, by primary key.
        hashed_secret: the hash of a secret that nobody has (docs/decisions/0002); one for all
            of them, since it opens none.
    """
    model = get_application_model()
    rows = model._default_manager
    rows.filter(pk__in=names).update(
        user=None,
        client_secret=hashed_secret,
        hash_client_secret=True,
        # Else one that registered itself could still be changed and deleted there (RFC 7592).
        registration_source=model.RegistrationSource.MANUAL,
    )
    rows.bulk_update([model(pk=pk, name=name) for pk, name in names.items()], ["name"])


def lock_application(application_id: Any) -> tuple[Any, datetime]:
    """Return the user and the time of the last save; nobody changes them until the end."""
    rows = get_application_model()._default_manager.select_for_update()
    found: tuple[Any, datetime] = rows.values_list("user", "updated").get(pk=application_id)
    return found


def restore_application(
    application_id: Any, *, name: str, user_id: Any, old_hash: str, is_hashed: bool, source: str
) -> None:
    """Give an Application back what it had before it was taken over."""
    get_application_model()._default_manager.filter(pk=application_id).update(
        name=name,
        user=user_id,
        client_secret=old_hash,
        hash_client_secret=is_hashed,
        registration_source=source,
    )
