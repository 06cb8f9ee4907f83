"""Views below a share link: the part that is shown, and the series that it gives access to."""

from collections import defaultdict
from itertools import accumulate
from typing import Final

import msgspec

from services.allowed_series import AllowedSeries, SeriesSelector
from services.formats.views import PanelSpec, ViewDocument
from services.pattern import SeriesFilter
from services.tag_filter import FIELD, MEASUREMENT, TAG_PREFIX, TagFilter

MAX_SHARED_COMPARISONS: Final = 100
"""Patterns and values of tags in a shared view. Each is compared with the names of all series."""


def shared_view_fault(view: ViewDocument) -> str | None:
    """Return the reason why a view can't be shared, None if it can."""
    count = sum(map(_count_comparisons, view.panels))
    if count <= MAX_SHARED_COMPARISONS:
        return None
    return (
        f"a shared view may have {MAX_SHARED_COMPARISONS} patterns and tags, not {count}:"
        " name its series, or divide it"
    )


def shared_part(view: ViewDocument) -> ViewDocument:
    """Return the part of a view that a share link shows.

    That is everything, unless the view has grown too large since it was shared: then its first
    panels.
    """
    sums = accumulate(map(_count_comparisons, view.panels))
    panels = [
        panel
        for panel, count in zip(view.panels, sums, strict=True)
        if count <= MAX_SHARED_COMPARISONS
    ]
    return msgspec.structs.replace(view, panels=panels)


def series_of_view(view: ViewDocument) -> AllowedSeries:
    """Return the series that the panels of a view select."""
    named = [text for panel in view.panels if not panel.tags for text in panel.series]
    tagged = [_selector(panel) for panel in view.panels if panel.tags]
    return AllowedSeries([SeriesSelector(SeriesFilter(named)), *tagged])


def _selector(panel: PanelSpec) -> SeriesSelector:
    texts: dict[str, set[str]] = defaultdict(set)
    for tag in panel.tags:
        key, _, value = tag.partition("=")
        texts[key if key in {MEASUREMENT, FIELD} else f"{TAG_PREFIX}{key}"].add(value)
    conditions = frozenset((key, frozenset(values)) for key, values in texts.items())
    return SeriesSelector(SeriesFilter(panel.series), TagFilter(conditions))


def _count_comparisons(panel: PanelSpec) -> int:
    selector = _selector(panel)
    return selector.names.pattern_count + selector.tags.text_count
