"""Series of the fields of points, cached because texts repeat the same keys."""

from typing import Final, TypeAlias

from services.formats.parsing.point_grammar import Field, Point
from services.formats.parsing.point_names import (
    FieldSeries,
    UnstorableSeriesError,
    series_of_field,
)
from services.point import SeriesPoint, SeriesPoints
from services.reading import MAX_NAME_CHARS

_MAX_KEY_CHARS: Final = 4 * MAX_NAME_CHARS
"""Characters of a key, with escapes, above which its names are too long in any case.

To make the names of a thousand fields would take long. In half of a key, each character may be
escaped; Home Assistant's names leave the rest out.
"""

FieldKey: TypeAlias = tuple[bytes, bytes]
"""Key and field of a line as written. After the field may be a line break and the point's unit."""


class FieldSeriesCache:
    """Cache of the series of fields, shared by many texts, because their keys repeat.

    Args:
        max_series: Number of series above which the cache is emptied.
        max_key_bytes: Bytes of all keys above which it is emptied. The names take up to four times
            as much.

    Attributes:
        entries: Name and unit of a series by key and field as written. Plain tuples unpack faster.
        points: Points of these series, by name.
    """

    def __init__(self, max_series: int = 100_000, max_key_bytes: int = 32 << 20) -> None:
        self.entries: dict[FieldKey, tuple[str, str | None]] = {}
        self.points: dict[str, SeriesPoint | None] = {}
        self._max_series = max_series
        self._max_key_bytes = max_key_bytes
        self._key_bytes = 0

    def add(self, key: FieldKey, series: FieldSeries) -> None:
        """Cache the series of a key and field as written."""
        if len(self.entries) >= self._max_series or self._key_bytes >= self._max_key_bytes:
            # Decoders in other threads go on with the full dictionaries.
            self.entries, self.points, self._key_bytes = {}, {}, 0
        self._key_bytes += len(key[0]) + len(key[1])
        self.points.setdefault(series.name, series.point)
        self.entries[key] = series.name, series.unit


class FieldSeriesLookup:
    """The series of the fields of one text.

    Args:
        cache: Receives series that it does not have.

    Attributes:
        entries: The entries of the cache, which another thread may have replaced since.
    """

    def __init__(self, cache: FieldSeriesCache) -> None:
        self.entries = cache.entries
        self._cache = cache
        self._first_points = cache.points
        self._new_points: dict[str, SeriesPoint | None] = {}

    def find(self, point: Point, field: Field, unit: str | None) -> tuple[str, str | None]:
        """Return name and unit of a field's series, and cache them.

        Args:
            point: The point.
            field: The field.
            unit: The unit that the point has in a string field, None if it has none.

        Raises:
            UnstorableSeriesError: The name breaks a rule.
        """
        if len(point.key) > _MAX_KEY_CHARS:
            raise UnstorableSeriesError(f"series must have at most {MAX_NAME_CHARS} characters")
        # A plain line has no strings, so its key never has a line break.
        written = field.raw if unit is None else f"{field.raw}\n{unit}"
        key = (point.key.encode(), written.encode())
        cached = self.entries.get(key)
        if cached is not None:
            return cached
        series = series_of_field(point.measurement, point.tags, field.name, unit)
        self._cache.add(key, series)
        self.entries = self._cache.entries
        self._new_points[series.name] = series.point
        return series.name, series.unit

    def points(self, names: set[str]) -> SeriesPoints:
        """Return the points of series that were found.

        A series is left out if other threads have emptied the cache twice meanwhile. It gets its
        point with its next reading.
        """
        points = self._cache.points
        if not names <= points.keys():
            points = self._first_points | points | self._new_points
        return {name: points[name] for name in names if name in points}
