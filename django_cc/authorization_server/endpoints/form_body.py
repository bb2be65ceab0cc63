"""Read the parameters of a request from its body, and from nowhere else (RFC 6749 §3.2)."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from django_cc.protocol.errors import InvalidRequest
from django_cc.protocol.form import MAX_BODY_BYTES, Form, refuse_parameters_in_query


def read_form(request: HttpRequest) -> Form:
    """Return the parameters of a request whose body came whole.

    Raises:
        InvalidRequest: parameters in the URI, another media type, a body that is too large, cut
            off or malformed, or a parameter sent twice.
    """
    refuse_parameters_in_query(request.META.get("QUERY_STRING", ""))
    return Form.parse(_read_body(request), content_type=request.META.get("CONTENT_TYPE", ""))


def _read_body(request: HttpRequest) -> bytes:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > MAX_BODY_BYTES:
            raise InvalidRequest(f"The request body is larger than {MAX_BODY_BYTES} bytes.")
        body = request.body
        # Cut off, perhaps before the scope it wanted to be held to; or in chunks, of which WSGI
        # has no notion and Django reads nothing.
        if len(body) != length or "HTTP_TRANSFER_ENCODING" in request.META:
            raise InvalidRequest("Send the whole body at once, with its Content-Length.")
        return body
    except (ValueError, RequestDataTooBig, UnreadablePostError, RawPostDataException):
        raise InvalidRequest("The request body could not be read.") from None
