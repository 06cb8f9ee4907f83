"""Documents that requests send as JSON."""

from typing import TypeVar

import msgspec
from flask import request

from services.errors import MalformedError
from services.web.http.bodies import LARGE_BODY_BYTES, read_raw_body

T = TypeVar("T")


def read_document(type_: type[T]) -> T:
    """Return the body of this request, which must be JSON of a type.

    Raises:
        MalformedError: It is not JSON, or not of this type.
        HTTPException: The body is too large or incomplete.
    """
    try:
        return msgspec.json.decode(read_raw_body(request, LARGE_BODY_BYTES), type=type_)
    except msgspec.MsgspecError as error:
        raise MalformedError(str(error)) from error
