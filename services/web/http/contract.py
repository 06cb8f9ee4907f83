"""Contracts of routes: parameters, bodies and responses, declared at the view.

`/api/openapi.json` is made from them, and a view parses its query with the same struct.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import flask
import msgspec

from services.errors import MalformedError

V = TypeVar("V", bound=Callable[..., Any])
Q = TypeVar("Q", bound=msgspec.Struct)

JSON: Final = "application/json"

_CONTRACT: Final = "contract"


class Content(NamedTuple):
    """The content of a body.

    Attributes:
        types: The types that it may have.
        media_type: Its media type.
        example: An example, None for none.
    """

    types: tuple[Any, ...]
    media_type: str = JSON
    example: Any = None


class Contract(NamedTuple):
    """The requests and responses of a route.

    Attributes:
        responses: Content by status. None is a response without a body.
        query: A struct whose fields are the parameters, None for none.
        bodies: The contents that a request may have.
    """

    responses: Mapping[int, Content | None]
    query: type[msgspec.Struct] | None = None
    bodies: tuple[Content, ...] = ()


def with_contract(contract: Contract) -> Callable[[V], V]:
    """Declare the contract of a view. The view's docstring describes it."""

    def attach(view: V) -> V:
        setattr(view, _CONTRACT, contract)
        return view

    return attach


def contract_of(view: Callable[..., Any]) -> Contract | None:
    """Return the contract of a view, None if it has none."""
    contract = getattr(view, _CONTRACT, None)
    return contract if isinstance(contract, Contract) else None


def parse_query(query: type[Q], request: flask.Request = flask.request) -> Q:
    """Parse the query of a request. A field that is a list takes a repeated parameter.

    Args:
        query: The struct of the parameters.
        request: The request, by default the one that Flask dispatches.

    Raises:
        MalformedError: A parameter is missing or invalid.
    """
    values = {
        name: request.args.getlist(name) if is_list else request.args[name]
        for name, is_list in _parameters(query)
        if name in request.args
    }
    try:
        return msgspec.convert(values, query, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)) from error


@functools.cache
def _parameters(query: type[msgspec.Struct]) -> list[tuple[str, bool]]:
    """Return the parameters of a query, each with True if it may be repeated."""
    return [(field.encode_name, _is_list(field.type)) for field in msgspec.structs.fields(query)]


def _is_list(type_: Any) -> bool:
    info = msgspec.inspect.type_info(type_)
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return isinstance(info, msgspec.inspect.ListType)
