"""The series that a request selects: by names and patterns, and by tags."""

from typing import NamedTuple

from flask import request

from services.pattern import check_patterns
from services.tag_filter import TagFilter


class RequestedSeries(NamedTuple):
    """The selection of a request.

    Attributes:
        patterns: Names and patterns, empty for all series.
        tags: Conditions on the points of the series.
    """

    patterns: list[str]
    tags: TagFilter


def requested_series() -> RequestedSeries:
    """Return the selection of this request.

    Raises:
        MalformedError: There are too many patterns or tags, or one is too long.
    """
    patterns = request.args.getlist("series")
    tags = TagFilter.parse(request.args.items(multi=True))
    check_patterns([*patterns, *tags.patterns])
    return RequestedSeries(patterns, tags)
