"""Payloads of MQTT messages: JSON or bare text, and the numbers in them."""

import json
from collections.abc import Iterator
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS, parse_document
from services.formats.parsing.quantities import (
    DoubtfulNumberError,
    Quantity,
    is_known_unit,
    parse_quantity,
    parse_state,
)
from services.reading import value_fault

Keys = tuple[str, ...]

_MAX_DEPTH: Final = 20
_MAX_SHOWN_CHARS: Final = 60

# Some devices send the zero byte that ends a text in C.
_PADDING: Final = b" \t\r\n\0"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def parse_payload(payload: bytes) -> object:
    """Parse a payload: JSON, or the text of any other payload.

    Raises:
        MalformedError: The payload is empty, too large, or an invalid JSON object or list.
    """
    payload = payload.removeprefix(_BYTE_ORDER_MARK).strip(_PADDING)
    if not payload:
        raise MalformedError("is empty")
    if len(payload) > MAX_ITEM_CHARS:
        raise MalformedError(f"is longer than {MAX_ITEM_CHARS} bytes")
    try:
        return parse_document(payload)
    except MalformedError as error:
        if payload[:1] in (b"{", b"["):
            raise MalformedError("is not valid JSON") from error
    try:
        return payload.decode()
    except UnicodeDecodeError:
        # Only the sign of a unit, such as °, is written like this.
        return payload.decode("latin-1")


def iterate_leaves(document: object, path: Keys) -> Iterator[tuple[Keys, object]]:
    """Yield every value at and below the end of a path that is no object or list, with its keys.

    Args:
        document: A decoded payload.
        path: Keys that lead into the document. * matches any key.
    """
    return _iterate_leaves(document, path, ())


def parse_leaf(leaf: object, unit: str | None) -> Quantity:
    """Return the number that a value of a payload means.

    Args:
        leaf: A number, a boolean, a text or None.
        unit: The unit of the rule, or None.

    Raises:
        DoubtfulNumberError: The value looks like a number, and can't be used as one.
        MalformedError: The value is not a number.
    """
    state = float(leaf) if isinstance(leaf, bool) else None
    if isinstance(leaf, str):
        state = parse_state(leaf)
        if state is None:
            return parse_quantity(leaf, unit)
    if state is not None:
        if unit is not None and is_known_unit(unit):
            raise MalformedError(f"is a state, not a number of {unit}")
        return Quantity(state, None)
    if leaf is None:
        raise MalformedError("is no value")
    if value_fault(leaf) is not None:
        raise DoubtfulNumberError("is not a finite number")
    return Quantity(float(leaf), None)  # type: ignore[arg-type]  # it is a number


def describe_leaf(leaf: object) -> str:
    """Return a value of a payload for the log: short, with control characters escaped."""
    if isinstance(leaf, bytes):
        leaf = leaf[: 4 * _MAX_SHOWN_CHARS].decode(errors="replace")
    text = leaf if isinstance(leaf, str) else json.dumps(leaf)
    cut = text[:_MAX_SHOWN_CHARS]
    shown = repr(cut) if isinstance(leaf, str) else cut
    return f"{shown}..." if len(text) > len(cut) else shown


def _iterate_leaves(value: object, path: Keys, keys: Keys) -> Iterator[tuple[Keys, object]]:
    if len(keys) > _MAX_DEPTH:
        return
    children: Iterator[tuple[str, object]]
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = ((str(index), item) for index, item in enumerate(value))
    else:
        if not path:
            yield keys, value
        return
    for key, child in children:
        if not path:
            yield from _iterate_leaves(child, (), (*keys, key))
        elif path[0] in ("*", key):
            yield from _iterate_leaves(child, path[1:], (*keys, key))
