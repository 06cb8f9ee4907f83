"""Settings of series in the database. A series without any has no row."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, update

from services.series_settings import SETTING_NAMES, SeriesSettings, SettingsChange
from services.store import tables

_decode_states: Final = msgspec.json.Decoder(dict[str, str]).decode


def change_settings(connection: Connection, series_id: int, change: SettingsChange) -> None:
    """Change settings of a series. Those that the change does not name stay."""
    table = tables.series_settings
    values: dict[str, Any] = dict(change)
    if values.get("states"):
        values["states"] = msgspec.json.encode(values["states"]).decode()
    of_series = table.c.series_id == series_id
    if not connection.execute(update(table).where(of_series).values(values)).rowcount:
        connection.execute(insert(table).values(series_id=series_id, **values))
    is_empty = (table.c[name].is_(None) for name in SETTING_NAMES)
    connection.execute(delete(table).where(of_series, *is_empty))


def settings_of_row(row: Row[Any]) -> SeriesSettings:
    """Return the settings in the columns of a row, without words of states that can't be read."""
    return SeriesSettings(row.label, row.kind, row.decimals, row.color, _states_of(row.states))


def _states_of(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    try:
        return _decode_states(text)
    except msgspec.MsgspecError:
        return None
