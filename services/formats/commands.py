"""Commands as JSON: what the journal holds as `c`, and what an answer says will be done."""

from typing import Any, Final

import msgspec

from services.command import Command, Delete, Erase, Rename, SetUnit
from services.errors import MalformedError
from services.reading import MAX_TS, series_fault, ts_from_seconds, ts_to_seconds, unit_fault

_UNKNOWN: Final = "not a message that this version knows"


class _Rename(msgspec.Struct, tag_field="do", tag="rename", forbid_unknown_fields=True):
    series: str
    name: str


class _SetUnit(msgspec.Struct, tag_field="do", tag="unit", forbid_unknown_fields=True):
    series: str
    unit: str | None


class _Delete(msgspec.Struct, tag_field="do", tag="delete", forbid_unknown_fields=True):
    series: str


class _Erase(
    msgspec.Struct,
    tag_field="do",
    tag="erase",
    forbid_unknown_fields=True,
    rename={"start": "from", "end": "to"},
):
    series: str
    start: float
    end: float


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Rename | _SetUnit | _Delete | _Erase).decode


def command_fault(command: Command) -> str | None:
    """Why a command can't be carried out whatever there is, or None when it can."""
    fault = series_fault(command.series)
    match command:
        case Rename():
            fault = fault or series_fault(command.name)
        case SetUnit():
            fault = fault or unit_fault(command.unit)
        case Erase():
            if command.start > command.end:
                fault = fault or "from must not be after to"
            elif command.start < 0 or command.end > MAX_TS:
                fault = fault or "from and to must be between 1970 and 2242"
    return fault


def encode_command(command: Command) -> bytes:
    """The text of a command."""
    return _encode(_wire(command))


def command_document(command: Command) -> dict[str, Any]:
    """A command as it is told in an answer."""
    document: dict[str, Any] = msgspec.to_builtins(_wire(command))
    return document


def decode_command(text: bytes) -> Command:
    """Read the command of a journal entry. Raises MalformedError when it is none of ours."""
    try:
        command = _command(_decode(text))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedError(_UNKNOWN) from error
    if command_fault(command):
        raise MalformedError(_UNKNOWN)
    return command


def _wire(command: Command) -> _Rename | _SetUnit | _Delete | _Erase:
    match command:
        case Rename(series, name):
            return _Rename(series, name)
        case SetUnit(series, unit):
            return _SetUnit(series, unit)
        case Delete(series):
            return _Delete(series)
        case Erase(series, start, end):
            return _Erase(series, ts_to_seconds(start), ts_to_seconds(end))


def _command(wire: _Rename | _SetUnit | _Delete | _Erase) -> Command:
    match wire:
        case _Rename():
            return Rename(wire.series, wire.name)
        case _SetUnit():
            return SetUnit(wire.series, wire.unit)
        case _Delete():
            return Delete(wire.series)
        case _Erase():
            return Erase(wire.series, ts_from_seconds(wire.start), ts_from_seconds(wire.end))
