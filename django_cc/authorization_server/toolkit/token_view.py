"""The toolkit's own token endpoint."""

from collections.abc import Callable

from django.http import HttpResponseBase
from oauth2_provider.views import TokenView


def get_token_view() -> Callable[..., HttpResponseBase]:
    """Return the view that the toolkit mounts at `token/`."""
    view: Callable[..., HttpResponseBase] = TokenView.as_view()
    return view
