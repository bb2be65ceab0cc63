"""Keep the row of the built-in API: this server itself."""

from django.core.exceptions import ImproperlyConfigured

from django_cc.models import API, Scope
from django_cc.protocol.built_in_api import BuiltInScope

_NAME = "This server"
_SCOPES = {
    BuiltInScope.CLIENT_READ.value: "See the client's own registration (every client may)",
    BuiltInScope.INTROSPECTION.value: "Ask whether tokens are good, with a token",
}


def synchronise_built_in_api(issuer: str) -> API | None:
    """Have the built-in API be called `issuer`, with its scopes; the revision is locked.

    Where the issuer has changed, the same row moves along, and what clients hold there with it.

    Returns:
        The API if anything was written, else None.

    Raises:
        ImproperlyConfigured: another API has that identifier already.
    """
    api = API.objects.filter(built_in=True).first() or _find_unmarked(issuer) or API()
    differs = (api.identifier, api.name, api.built_in) != (issuer, _NAME, True)
    if differs:
        _require_free(issuer, api)
        api.identifier, api.name, api.built_in = issuer, _NAME, True
        api.save()
    present = dict(api.scopes.values_list("name", "description"))
    if present == _SCOPES:
        return api if differs else None
    for name, description in _SCOPES.items():
        Scope.objects.update_or_create(api=api, name=name, defaults={"description": description})
    return api


def _find_unmarked(issuer: str) -> API | None:
    # `migrate django_cc 0003` and back again takes the mark from the row and leaves its scopes.
    api = API.objects.filter(identifier=issuer).first()
    is_ours = api is not None and set(api.scopes.values_list("name", flat=True)) == {*_SCOPES}
    return api if is_ours else None


def _require_free(issuer: str, api: API) -> None:
    if API.objects.filter(identifier=issuer).exclude(pk=api.pk).exists():
        problem = (
            f"There is an API {issuer} of its own: no API can have the issuer's identifier. Take "
            "another issuer, or delete that API (cc_api delete)."
        )
        raise ImproperlyConfigured(f'DJANGO_CC["ISSUER"]: {problem}')
