"""Plain lines of line protocol, decoded together: a known key, one field, a number and a time.

The steps are few calls for many lines, because a call for each line takes longer than its work.
"""

from collections.abc import Mapping, Sequence

import msgspec

from services.formats.parsing.field_series import FieldKey
from services.formats.parsing.point_times import SCALES
from services.reading import ReadingBatch

# JSON numbers have no 1i and no NaN, so lines with these are not plain.
_decode_values = msgspec.json.Decoder(list[float]).decode
_decode_timestamps = msgspec.json.Decoder(list[int]).decode


def decode_plain_lines(
    lines: Sequence[bytes],
    known_series: Mapping[FieldKey, tuple[str, str | None]],
    precision: str,
    ts_range: tuple[int, int],
) -> ReadingBatch[str] | None:
    """Decode lines without strings, escapes, tabs and carriage returns.

    Args:
        lines: The lines, at least one.
        known_series: Name and unit of the series of known keys and fields.
        precision: Unit of the times, a key of `SCALES`.
        ts_range: Earliest and latest time of a plain line, in microseconds.

    Returns:
        The readings, or None if any line is not plain.
    """
    key, _, rest = lines[0].partition(b" ")
    if (key, rest.partition(b"=")[0]) not in known_series:
        # Most texts of new series end here.
        return None
    parts = b"\n ".join(lines).split(b" ")
    timestamps = b",".join(parts[2::3])
    fields = b"\n=".join(parts[1::3]).split(b"=")
    numbers = b",".join(fields[1::2])
    # A break after each line, and after each field, must end every time and every number.
    if (len(parts), len(fields)) != (3 * len(lines), 2 * len(lines)) or not (
        timestamps.count(b"\n") == numbers.count(b"\n") == len(lines) - 1
    ):
        return None
    try:
        series = [known_series[key] for key in zip(parts[::3], fields[::2], strict=True)]
        # The breaks are white space in JSON.
        values = _decode_values(b"[%b]" % numbers)
        times = _to_microseconds(_decode_timestamps(b"[%b]" % timestamps), precision)
    except (LookupError, msgspec.MsgspecError):
        return None
    # A comma in a number would make two of it.
    if not len(values) == len(times) == len(lines):
        return None
    if not ts_range[0] <= min(times) <= max(times) <= ts_range[1]:
        return None
    names, units = zip(*series, strict=True)
    return ReadingBatch(names, times, values, units)


def _to_microseconds(timestamps: list[int], precision: str) -> list[int]:
    factor, divisor = SCALES[precision]
    if divisor == 1:
        return [timestamp * factor for timestamp in timestamps]
    half = divisor // 2
    return [(timestamp + half) // divisor for timestamp in timestamps]
