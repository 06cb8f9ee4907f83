"""The part of a view that a share link shows, and the series of its panels."""

from msgspec.structs import replace

from services.formats.shared_views import (
    MAX_SHARED_COMPARISONS,
    series_of_view,
    shared_part,
    shared_view_fault,
)
from services.formats.views import PanelSpec, ViewDocument
from services.point import SeriesPoint

CPU = SeriesPoint("cpu", "usage", {"host": "rack-1"})


def view(*panels: PanelSpec) -> ViewDocument:
    return ViewDocument("Home", panels=list(panels))


def test_allowed_series_is_what_the_panels_select() -> None:
    allowed = series_of_view(
        view(
            PanelSpec(series=["kitchen", "*.door"]),
            PanelSpec(series=["cellar"]),
            PanelSpec(tags=["host=rack-*", "host=attic", "field=usage"]),
            PanelSpec(series=["mem*"], tags=["measurement=mem"]),
        )
    )
    for name in ("kitchen", "front.door", "cellar"):
        assert allowed.allows(name, None)
    assert allowed.allows("cpu,host=rack-1", CPU)
    assert allowed.allows("x", replace(CPU, tags={"host": "attic"}))
    assert not allowed.allows("cpu,host=rack-1", replace(CPU, field="idle"))
    assert not allowed.allows("cpu,host=rack-1", None)
    assert not allowed.allows("kitchen2", replace(CPU, tags={}))
    assert allowed.allows("memory", replace(CPU, measurement="mem", field="used"))
    assert not allowed.allows("memory", replace(CPU, field="used"))


def test_empty_view_has_no_series() -> None:
    allowed = series_of_view(view())
    assert not allowed.allows("kitchen", CPU)


def test_large_view_is_not_shared_and_a_grown_one_in_part() -> None:
    panels = [PanelSpec(series=[f"{n}.*"]) for n in range(MAX_SHARED_COMPARISONS)]
    large = view(PanelSpec(series=[f"plain{n}" for n in range(100)]), *panels)
    assert shared_view_fault(large) is None
    assert shared_part(large) == large
    grown = view(*large.panels, PanelSpec(series=["one.more.*"]), PanelSpec(series=["a"]))
    fault = shared_view_fault(grown)
    assert fault is not None
    assert "100 patterns and tags, not 101" in fault
    part = shared_part(grown)
    assert part == large
    assert not series_of_view(part).allows("one.more.x", None)


def test_tags_count_with_their_keys() -> None:
    values = [f"host=h{n}" for n in range(60)]
    assert shared_view_fault(view(PanelSpec(tags=values))) is None
    assert shared_view_fault(view(PanelSpec(tags=values), PanelSpec(tags=values))) is not None
