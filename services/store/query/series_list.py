"""Queries for the list of series with their edges, and for the newest reading of all."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, ScalarSelect, func, select

from services.point import SeriesPoint
from services.reading import Reading, ts_to_seconds
from services.restriction import Restriction
from services.series_settings import SETTING_NAMES, SeriesKind, SeriesSettings
from services.store import tables
from services.store.query.kinds import KindGuesser, KnownSeries
from services.store.query.selection import where_selected
from services.store.query.value_samples import ValueSample, ValueSampler
from services.store.series import decode_tags
from services.store.series_settings import settings_of_row
from services.tag_filter import ALL_TAGS, TagFilter

_NO_SETTINGS: Final = SeriesSettings()


class SeriesInfo(NamedTuple):
    """A series with its edges. Times are in microseconds.

    Attributes:
        name: Name of the series.
        unit: Its unit, None if it has none.
        tags: Its point, None if it did not come in line protocol.
        first_ts: Time of the first reading, None without readings.
        last_ts: Time of the last reading, None without readings.
        last_value: Value of the last reading, None without readings.
        settings: Its settings.
        guessed_kind: Kind that its readings suggest.
        sample: Summary of its newest values, None without readings.
    """

    name: str
    unit: str | None
    tags: SeriesPoint | None
    first_ts: int | None
    last_ts: int | None
    last_value: float | None
    settings: SeriesSettings = _NO_SETTINGS
    guessed_kind: SeriesKind = "measure"
    sample: ValueSample | None = None

    @property
    def kind(self) -> SeriesKind:
        """The kind that people have set, otherwise the guessed one."""
        return self.settings.kind or self.guessed_kind

    def as_document(self) -> dict[str, object]:
        """Return the series as `/api/series` lists it, with times in seconds."""
        first, last = (
            None if ts is None else ts_to_seconds(ts) for ts in (self.first_ts, self.last_ts)
        )
        return {
            "name": self.name,
            "unit": self.unit,
            "tags": self.tags,
            "first": first,
            "last": last,
            "value": self.last_value,
            **self.settings._asdict(),
            "guessed_kind": self.guessed_kind,
            "sample": self.sample and self.sample._asdict(),
        }


def newest_reading(connection: Connection, restriction: Restriction) -> Reading | None:
    """Return the reading with the latest time of all series, None without readings."""
    last_ts = _edge_ts(func.max, restriction)
    columns = select(tables.series, last_ts.label("last_ts"))
    query = where_selected(columns, (), ALL_TAGS, restriction.series)
    row = connection.execute(query.order_by(last_ts.desc().nulls_last()).limit(1)).first()
    if row is None or row.last_ts is None:
        return None
    value = connection.execute(
        select(tables.readings.c.value).where(
            tables.readings.c.series_id == row.id, tables.readings.c.ts == row.last_ts
        )
    ).scalar_one()
    return Reading(row.name, row.last_ts, value, row.unit)


def list_series(
    connection: Connection,
    patterns: Sequence[str],
    tags: TagFilter,
    restriction: Restriction,
    *,
    kinds: KindGuesser,
    samples: ValueSampler,
) -> list[SeriesInfo]:
    """Return the selected series, ordered by name, with guesses of their kinds and samples."""
    settings = tables.series_settings
    columns = (
        tables.series,
        _edge_ts(func.min, restriction).label("first_ts"),
        _edge_ts(func.max, restriction).label("last_ts"),
    )
    edges = where_selected(select(*columns), patterns, tags, restriction.series).subquery()
    query = (
        select(edges, tables.readings.c.value, *(settings.c[name] for name in SETTING_NAMES))
        .outerjoin(
            tables.readings,
            (tables.readings.c.series_id == edges.c.id) & (tables.readings.c.ts == edges.c.last_ts),
        )
        .outerjoin(settings, settings.c.series_id == edges.c.id)
        .order_by(edges.c.name)
    )
    return [
        SeriesInfo(
            r.name,
            r.unit,
            decode_tags(r.tags),
            r.first_ts,
            r.last_ts,
            r.value,
            settings_of_row(r),
            kinds.guess(connection, known, restriction),
            samples.take(connection, known, restriction),
        )
        for r in connection.execute(query)
        for known in [KnownSeries(r.id, r.name, r.unit, r.last_ts, r.value)]
    ]


def _edge_ts(edge: Callable[[Any], Any], restriction: Restriction) -> ScalarSelect[int]:
    """Return the query for the first or last time of a series; `edge` is `min` or `max`."""
    readings = tables.readings.alias()
    query = select(edge(readings.c.ts)).where(readings.c.series_id == tables.series.c.id)
    if restriction.has_times:
        query = query.where(readings.c.ts.between(restriction.start, restriction.end))
    return query.scalar_subquery()
