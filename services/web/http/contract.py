"""What a route takes and what it answers, said beside the route.

`describes` hangs a contract on a view; `/api/openapi.json` is made from all of them. A view reads
its query through the same struct that its contract names, by `asked`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from flask import request

from services.errors import MalformedError

V = TypeVar("V", bound=Callable[..., Any])
Q = TypeVar("Q", bound=msgspec.Struct)

JSON: Final = "application/json"

_CONTRACT: Final = "contract"


class Content(NamedTuple):
    """A text on the wire: the types that it may be of, its media type, and an example of it."""

    types: tuple[Any, ...]
    media: str = JSON
    example: Any = None


class Contract(NamedTuple):
    """What a route takes and answers.

    answers: by status; None is an answer without a body. query: a struct whose fields are the
    parameters. body: the forms that a body may have.
    """

    answers: Mapping[int, Content | None]
    query: type[msgspec.Struct] | None = None
    body: tuple[Content, ...] = ()


def describes(contract: Contract) -> Callable[[V], V]:
    """Say what a view takes and answers. Its docstring says what it is for."""

    def hang(view: V) -> V:
        setattr(view, _CONTRACT, contract)
        return view

    return hang


def contract_of(view: Callable[..., Any]) -> Contract | None:
    """The contract of a view, if it has one."""
    found = getattr(view, _CONTRACT, None)
    return found if isinstance(found, Contract) else None


def asked(query: type[Q]) -> Q:
    """This request's query; a list takes a parameter that is given many times. MalformedError."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(query):
        name = field.encode_name
        if name in request.args:
            several = _is_list(field.type)
            values[name] = request.args.getlist(name) if several else request.args[name]
    try:
        return msgspec.convert(values, query, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)) from error


def _is_list(kind: Any) -> bool:
    info = msgspec.inspect.type_info(kind)
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return isinstance(info, msgspec.inspect.ListType)
