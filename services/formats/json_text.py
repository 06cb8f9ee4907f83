"""Decoder of a text of JSON documents that arrives in chunks, such as a file of past readings.

Beside the readings of the API, it understands the history of Home Assistant's REST API: lists of
states, of which only the first one may name its entity.
"""

import math
from typing import Any

from services.errors import MalformedError
from services.formats.parsing.json_items import JsonItem, JsonItemReader
from services.formats.parsing.json_stream import CHUNK_BYTES
from services.formats.parsing.json_times import time_of_item
from services.formats.parsing.quantities import Quantity, parse_quantity, parse_state
from services.formats.parsing.result import DecodeResult, ReadingCollector, ReserveTimestamps
from services.formats.parsing.table.cell_numbers import missing_value
from services.formats.parsing.table.options import DEFAULT_OPTIONS, TableOptions
from services.formats.parsing.table.times import TableTimes

_MISSING_TIME = "its time is missing"


class JsonTextDecoder:
    """Decodes documents, each on one line or on many.

    Args:
        options: How to read times.
    """

    def __init__(self, options: TableOptions = DEFAULT_OPTIONS) -> None:
        self._options = options
        self._reader = JsonItemReader(flatten=True)
        # Numbers and texts may be mixed, because JSON tells them apart.
        self._numeric_times = TableTimes(options)
        self._text_times = TableTimes(options)
        self._line_count = 0
        self._entity: object = None
        self._entity_unit: object = None

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text, each once."""
        return list(dict.fromkeys([*self._numeric_times.notes, *self._text_times.notes]))

    def decode(
        self,
        text: bytes,
        arrival_ts: int,
        reserve: ReserveTimestamps | None = None,
        *,
        is_last: bool = False,
    ) -> DecodeResult:
        """Decode the next part of the text.

        Args:
            text: The part.
            arrival_ts: Time of arrival in microseconds; see `formats.json.decode_json`.
            reserve: Reserves unique times of arrival; see `ReadingCollector.result`.
            is_last: True if no other part follows.

        Returns:
            The readings and faults. The index of a fault is its line, counted from the first line
            of `text`; it is negative if the item began in an earlier part.

        Raises:
            OversizedError: The text has too many readings.
        """
        collector = ReadingCollector(arrival_ts)
        for start in range(0, max(1, len(text)), CHUNK_BYTES):
            part = text[start : start + CHUNK_BYTES]
            is_last_part = is_last and start + CHUNK_BYTES >= len(text)
            for item in self._reader.feed(part, is_last=is_last_part):
                reason = self._add(item, arrival_ts, collector)
                if reason:
                    number = f"item {item.number}: " if item.number else ""
                    collector.add_fault(item.line_index - self._line_count, f"{number}{reason}")
            collector.check_count()
        self._line_count += text.count(b"\n")
        return collector.result(reserve)

    def _add(self, item: JsonItem, arrival_ts: int, collector: ReadingCollector) -> str:
        """Add the reading of an item. Returns the fault, or an empty text."""
        value = item.value
        if not isinstance(value, dict):
            return (
                str(value) if isinstance(value, MalformedError) else "a reading must be an object"
            )
        try:
            if "state" in value and "series" not in value:
                value = self._reading_of_state(value, starts_list=item.number == 1)
            self._add_reading(value, arrival_ts, collector)
        except MalformedError as error:
            return str(error)
        return ""

    def _add_reading(
        self, item: dict[str, Any], arrival_ts: int, collector: ReadingCollector
    ) -> None:
        for key in ("series", "value"):
            if key not in item:
                raise MalformedError(f"{key} is missing")
        value, unit = item["value"], item.get("unit")
        missing = _missing_value(value)
        if missing:
            collector.skipped[missing] += 1
            return
        if isinstance(value, str):
            value, found = _parse_text(value, unit)
            unit = unit or found
        ts = time_of_item(item, lambda time: self._parse_time(time, arrival_ts))
        if ts is None and self._options.require_time:
            raise MalformedError(_MISSING_TIME)
        collector.add(item["series"], ts, value, unit)

    def _reading_of_state(self, state: dict[str, Any], *, starts_list: bool) -> dict[str, Any]:
        """Return a state of Home Assistant as a reading."""
        attributes = state.get("attributes")
        if starts_list or "entity_id" in state:
            self._entity, self._entity_unit = state.get("entity_id"), None
        if isinstance(attributes, dict) and "unit_of_measurement" in attributes:
            self._entity_unit = attributes["unit_of_measurement"]
        if self._entity is None:
            raise MalformedError("entity_id is missing")
        return {
            **state,
            "series": self._entity,
            "value": state["state"],
            "unit": self._entity_unit,
            "ts": state.get("last_changed") or state.get("last_updated"),
        }

    def _parse_time(self, value: object, arrival_ts: int) -> int:
        if isinstance(value, str) and value.strip():
            return self._text_times.parse(value, arrival_ts)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            text = str(value) if isinstance(value, int) else f"{value:.6f}"
            return self._numeric_times.parse(text, arrival_ts)
        raise MalformedError("ts must be a Unix time or a date and time")


def _missing_value(value: object) -> str | None:
    """Return the word for a missing value, None for any other value."""
    if isinstance(value, str):
        return missing_value(value)
    return "nan" if isinstance(value, float) and math.isnan(value) else None


def _parse_text(text: str, unit: object) -> Quantity:
    """Parse a value that is a string.

    Raises:
        MalformedError: It is no number, or not a certain one.
    """
    state = parse_state(text)
    if state is not None:
        return Quantity(state, None)
    try:
        return parse_quantity(text, unit if isinstance(unit, str) and unit else None)
    except MalformedError as error:
        raise MalformedError(f"value {text[:40]!r} {error}") from error
