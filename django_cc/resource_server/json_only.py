"""Views that speak JSON and nothing else, and so need not negotiate."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request


class JSONNegotiation(DefaultContentNegotiation):
    """Answers in the view's one format, whatever the request would rather have.

    RFC 9110 §12.5.1 lets a server "disregard the header field": no Accept header makes it a 406.
    Bodies of another type than JSON are refused with 415, as everywhere in DRF.
    """

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 - DRF's signature
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer.

        Raises:
            Http404: the URL has the suffix of another format, such as `.xml`.
        """
        renderer = next(iter(renderers))
        if format_suffix and format_suffix != renderer.format:
            raise Http404
        return renderer, str(renderer.media_type)


class JSONOnlyMixin:
    """Makes a view read and write JSON only, errors too; list it before the view's other bases.

    There is no browsable API then, and a browser is shown JSON. It spares a request the
    negotiation, about a quarter of what DRF costs.
    """

    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer,)
    parser_classes: Sequence[type[BaseParser]] = (JSONParser,)
    content_negotiation_class: type[BaseContentNegotiation] = JSONNegotiation

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse a class in which another base's negotiation goes first.

        Raises:
            TypeError: the mixin is not the first base.
        """
        super().__init_subclass__(**options)
        if not issubclass(cls.content_negotiation_class, JSONNegotiation):
            raise TypeError(f"{cls.__name__}: list JSONOnlyMixin before the view's other bases.")
