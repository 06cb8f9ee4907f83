"""Selections of live series: shared, compared in turns, and small."""

import tracemalloc

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import ServiceUnavailable

from services.allowed_series import AllowedSeries
from services.pattern import SeriesFilter
from services.reading import Reading
from services.web.live.frames import MAX_SERIES_PER_FRAME
from services.web.live.selection import Selection, Selections
from services.web.live.series_ids import SeriesIds
from services.web.live.viewer_limits import ViewerLimits

FILTERS = st.lists(st.sampled_from(["a", "ab", "a*", "*b", "*", "x*"]), max_size=3)
NAMES = st.lists(st.text("ab", min_size=1, max_size=3), max_size=20)


def series_ids(*names: str) -> SeriesIds:
    ids = SeriesIds()
    for name in names:
        ids.get_or_add(name)
    return ids


def all_pages(selection: Selection, last: int, after: int = 0) -> dict[str, int]:
    """Return the ids of all pages."""
    found: dict[str, int] = {}
    while after < last:
        ids, after = selection.page_ids(after)
        found |= ids
    return found


@given(FILTERS, NAMES, NAMES, st.integers(0, 5))
def test_selection_equals_its_filter(
    texts: list[str], before: list[str], later: list[str], after: int
) -> None:
    ids = series_ids(*before)
    series_filter = SeriesFilter(texts)
    selection = Selection(series_filter, ids)
    selection.compare()
    for name in later:
        ids.get_or_add(name)
    readings = ids.identify([Reading(name, 1, 1.0) for name in before + later])
    assert [r[1] for r in selection.select(readings)] == [
        name for name in before + later if name in series_filter
    ]
    names = {ids.name(series_id): series_id for series_id in range(after + 1, ids.last + 1)}
    expected = {name: series_id for name, series_id in names.items() if name in series_filter}
    assert all_pages(selection, ids.last, after) == expected


@pytest.mark.parametrize("texts", [[], ["s*"], [f"s{number}" for number in range(600)]])
def test_pages_hold_one_frame_each(texts: list[str]) -> None:
    ids = series_ids(*(f"s{number}" for number in range(600)))
    selection = Selection(SeriesFilter(texts), ids)
    after, sizes = 0, []
    while after < ids.last:
        page, after = selection.page_ids(after)
        sizes.append(len(page))
    full, rest = divmod(600, MAX_SERIES_PER_FRAME)
    assert sizes == [MAX_SERIES_PER_FRAME] * full + [rest]


def test_viewers_of_all_series_share_the_frames_of_names() -> None:
    selection = Selection(
        SeriesFilter([]), series_ids(*(f"s{n}" for n in range(MAX_SERIES_PER_FRAME + 9)))
    )
    first, end = selection.page_frame(0)
    assert (first, end) == selection.page_frame(0)
    # A page that is not full yet is encoded again.
    assert selection.page_frame(end)[0] is not selection.page_frame(end)[0]
    # A viewer that knows a part of a page receives the rest of it.
    rest, end = selection.page_frame(MAX_SERIES_PER_FRAME - 1)
    assert rest is not first
    assert end == MAX_SERIES_PER_FRAME


def test_viewers_with_equal_filters_share_a_selection() -> None:
    selections = Selections(SeriesIds())
    first = selections.get(SeriesFilter(["s*", "a"]))
    assert selections.get(SeriesFilter(["a", "s*", "a"])) is first
    assert selections.get(SeriesFilter(["s*"])) is not first


def test_viewers_of_one_link_leave_patterns_for_others() -> None:
    selections = Selections(SeriesIds(), max_patterns=16)
    limits = ViewerLimits(AllowedSeries.of_names(["s*"]))
    kept = [selections.get(SeriesFilter([f"a{i}"]), limits=limits) for i in range(2)]
    with pytest.raises(ServiceUnavailable, match="too many patterns"):
        selections.get(SeriesFilter(["b"]), limits=limits)
    assert selections.get(SeriesFilter(["a0"]), limits=limits) is kept[0]
    selections.get(SeriesFilter(["a*", "b*", "c*", "d*", "e*"]))


def test_patterns_of_all_viewers_are_bounded() -> None:
    selections = Selections(SeriesIds(), max_patterns=3)
    first = selections.get(SeriesFilter(["a*", "b*"]))
    with pytest.raises(ServiceUnavailable, match="too many patterns"):
        selections.get(SeriesFilter(["c*", "d*"]))
    # The same patterns and plain names cost nothing more.
    assert selections.get(SeriesFilter(["a*", "b*"])) is first
    for texts in ([], ["x"]):
        selections.get(SeriesFilter(texts))
    del first
    selections.get(SeriesFilter(["c*", "d*"]))


@pytest.mark.long
def test_selection_takes_a_byte_for_each_series() -> None:
    ids = series_ids(*(f"host{number}" for number in range(20_000)))
    tracemalloc.start()
    selections = [Selection(SeriesFilter([f"*{number}*"]), ids) for number in range(5)]
    for selection in selections:
        selection.compare()
    size_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size_bytes < 5 * 25_000


def test_comparison_ends_in_time_and_goes_on_later() -> None:
    ids = series_ids(*(f"host{number}" for number in range(1_000)))
    selection = Selection(SeriesFilter(["*9"]), ids)
    steps = 0
    while not selection.is_up_to_date:
        selection.compare(1e-9)
        steps += 1
    assert 1 < steps <= 1_000
    assert len(all_pages(selection, ids.last)) == 100


@pytest.mark.parametrize("path", ["/live", "/api/stream", "/api/history"])
@pytest.mark.parametrize("texts", [[f"*{number}" for number in range(21)], ["*" * 257]])
def test_request_with_too_many_patterns_is_refused(
    client: FlaskClient, path: str, texts: list[str]
) -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "c3RyaXBjaGFydCB0ZXN0cw==",
    }
    headers = handshake if path == "/live" else {}
    response = client.get(
        path,
        query_string={"series": texts},
        headers=headers,
        base_url=f"{'ws' if path == '/live' else 'http'}://localhost",
    )
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["error"].startswith("series: ")


def test_history_of_many_plain_names_is_answered(client: FlaskClient) -> None:
    names = [f"s{number}" for number in range(400)]
    assert client.get("/api/history", query_string={"series": names}).status_code == 200


def test_ids_of_long_names_are_bounded_by_their_characters() -> None:
    ids = SeriesIds(max_series=100)
    for number in range(100):
        ids.get_or_add(f"{number:04}" + "x" * 1_020)
    assert ids.last == 20
