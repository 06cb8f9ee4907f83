"""Small forms that our own pages send."""

from typing import Final
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from services.errors import MalformedError
from services.web.http.bodies import read_raw_body

_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"

_MAX_FORM_BYTES: Final = 16_384
"""Bytes of a form: a password of the longest length fits, with each character encoded."""

_MAX_FIELDS: Final = 10


def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form. Flask's own parser would accept files, of any size.

    Raises:
        MalformedError: It has too many fields, or is not UTF-8.
        HTTPException: The body is no form, too large or incomplete.
    """
    if request.mimetype != _MEDIA_TYPE:
        raise UnsupportedMediaType(f"Content-Type must be {_MEDIA_TYPE}")
    body = read_raw_body(request, _MAX_FORM_BYTES)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise MalformedError("the form can't be read") from error
    return dict(pairs)
