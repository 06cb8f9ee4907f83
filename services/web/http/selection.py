"""The series that a request selects: by names and patterns, by tags, and by its restriction."""

from typing import NamedTuple

from flask import request

from services.pattern import check_patterns
from services.restriction import NO_RESTRICTION, Restriction
from services.tag_filter import TagFilter
from services.web.access.restriction import restriction_of


class RequestedSeries(NamedTuple):
    """The selection of a request.

    Attributes:
        patterns: Names and patterns, empty for all series.
        tags: Conditions on the points of the series.
        restriction: The series and times that the request may read.
    """

    patterns: list[str]
    tags: TagFilter
    restriction: Restriction = NO_RESTRICTION

    @property
    def is_everything(self) -> bool:
        """True if all series are selected, with all times."""
        return not (self.patterns or self.tags or self.restriction)


def requested_series() -> RequestedSeries:
    """Return the selection of this request.

    Raises:
        MalformedError: There are too many patterns or tags, or one is too long.
    """
    patterns = request.args.getlist("series")
    tags = TagFilter.parse(request.args.items(multi=True))
    check_patterns([*patterns, *tags.patterns])
    return RequestedSeries(patterns, tags, restriction_of(request))
