"""Commands as JSON: in the journal under the key `c`, and in HTTP responses."""

from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from services.access_command import AccessCommand
from services.command import (
    Command,
    Delete,
    DeleteView,
    Erase,
    PutView,
    Rename,
    SeriesCommand,
    SetSettings,
    SetUnit,
)
from services.errors import MalformedError
from services.formats.views import ViewDocument, view_name
from services.reading import MAX_TS, series_fault, ts_from_seconds, ts_to_seconds, unit_fault
from services.series_settings import SETTING_NAMES, SeriesKind, SettingsChange, settings_fault

_UNKNOWN: Final = "not a message that this version knows"
_NULL: Final = b"null"


class _Rename(msgspec.Struct, tag_field="do", tag="rename", forbid_unknown_fields=True):
    series: str
    name: str


class _SetUnit(msgspec.Struct, tag_field="do", tag="unit", forbid_unknown_fields=True):
    series: str
    unit: str | None


class _SetSettings(msgspec.Struct, tag_field="do", tag="settings", forbid_unknown_fields=True):
    series: str
    label: str | UnsetType | None = UNSET
    kind: SeriesKind | UnsetType | None = UNSET
    decimals: int | UnsetType | None = UNSET
    color: str | UnsetType | None = UNSET
    states: dict[str, str] | UnsetType | None = UNSET

    def change(self) -> SettingsChange:
        values = ((name, getattr(self, name)) for name in SETTING_NAMES)
        # The fields have the types of the change's.
        return {name: value for name, value in values if value is not UNSET}  # type: ignore[return-value]


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


class _PutView(msgspec.Struct, tag_field="do", tag="put_view", forbid_unknown_fields=True):
    view: str
    revision: int
    document: msgspec.Raw


class _DeleteView(msgspec.Struct, tag_field="do", tag="delete_view", forbid_unknown_fields=True):
    view: str
    revision: int | None = None


_SeriesWire: TypeAlias = _Rename | _SetUnit | _SetSettings | _Delete | _Erase
_Wire: TypeAlias = _SeriesWire | _PutView | _DeleteView | AccessCommand

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Wire).decode


def command_fault(command: Command) -> str | None:
    """Return the reason why a command is invalid for any database, or None if it is valid."""
    if isinstance(command, AccessCommand):
        return command.fault()
    if isinstance(command, PutView | DeleteView):
        return _view_fault(command)
    fault = series_fault(command.series)
    match command:
        case Rename():
            fault = fault or series_fault(command.name)
        case SetUnit():
            fault = fault or unit_fault(command.unit)
        case SetSettings():
            fault = fault or settings_fault(command.change)
        case Erase():
            if command.start > command.end:
                fault = fault or "from must not be after to"
            elif command.start < 0 or command.end > MAX_TS:
                fault = fault or "from and to must be between 1970 and 2242"
    return fault


def _view_fault(command: PutView | DeleteView) -> str | None:
    try:
        if view_name(command.view) != command.view:
            return "the name of the view is not in the form NFC"
        if isinstance(command, PutView) and command.document is not None:
            ViewDocument.decode(command.document)
    except MalformedError as error:
        return str(error)
    return None


def encode_command(command: Command) -> bytes:
    """Encode a command."""
    return _encode(_to_wire(command))


def command_document(command: Command) -> dict[str, Any]:
    """Return a command as a JSON document for an HTTP response."""
    document: dict[str, Any] = msgspec.to_builtins(_to_wire(command))
    return document


def decode_command(text: bytes) -> Command:
    """Decode the command of a journal entry.

    Raises:
        MalformedError: The entry is not a command that this version knows, or is invalid.
    """
    try:
        command = _from_wire(_decode(text))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedError(_UNKNOWN) from error
    if command_fault(command):
        raise MalformedError(_UNKNOWN)
    return command


def _to_wire(command: Command) -> _Wire:
    if isinstance(command, AccessCommand):
        return command
    if isinstance(command, PutView):
        return _PutView(command.view, command.revision, msgspec.Raw(command.document or _NULL))
    if isinstance(command, DeleteView):
        return _DeleteView(command.view, command.revision)
    return _series_to_wire(command)


def _series_to_wire(command: SeriesCommand) -> _SeriesWire:
    match command:
        case Rename(series, name):
            return _Rename(series, name)
        case SetUnit(series, unit):
            return _SetUnit(series, unit)
        case SetSettings(series, change):
            return _SetSettings(series, **change)
        case Delete(series):
            return _Delete(series)
        case Erase(series, start, end):
            return _Erase(series, ts_to_seconds(start), ts_to_seconds(end))


def _from_wire(wire: _Wire) -> Command:
    if isinstance(wire, AccessCommand):
        return wire
    if isinstance(wire, _PutView):
        document = bytes(wire.document)
        text = None if document == _NULL else document.decode()
        return PutView(wire.view, wire.revision, text)
    if isinstance(wire, _DeleteView):
        return DeleteView(wire.view, wire.revision)
    return _series_from_wire(wire)


def _series_from_wire(wire: _SeriesWire) -> SeriesCommand:
    match wire:
        case _Rename():
            return Rename(wire.series, wire.name)
        case _SetUnit():
            return SetUnit(wire.series, wire.unit)
        case _SetSettings():
            return SetSettings(wire.series, wire.change())
        case _Delete():
            return Delete(wire.series)
        case _Erase():
            return Erase(wire.series, ts_from_seconds(wire.start), ts_from_seconds(wire.end))
