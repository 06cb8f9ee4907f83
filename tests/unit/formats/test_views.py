"""Views as JSON: what they may hold, and where a fault is."""

import json
from typing import Any

import pytest

from services.errors import MalformedError
from services.formats.views import (
    MAX_VIEW_BYTES,
    NewView,
    ViewDocument,
    as_document,
    view_name,
)
from tests.support.views import HOME


def panel(**fields: Any) -> str:
    """Return a view whose third panel has these fields, as JSON."""
    return json.dumps(
        {"panels": [{"series": ["a"]}, {"series": ["b"]}, {"series": ["c"]} | fields]}
    )


def test_missing_fields_have_their_defaults() -> None:
    document = as_document(ViewDocument.decode('{"panels":[{"series":["a"]}]}'), 3)
    assert document == {
        "title": "",
        "revision": 3,
        "window": None,
        "columns": None,
        "panels": [
            {
                "id": "p1",
                "title": None,
                "type": "line",
                "series": ["a"],
                "tags": [],
                "axis": {"scale": "linear", "zero": False, "min": None, "max": None},
                "band": False,
                "per": None,
                "limits": [],
            }
        ],
    }


def test_exported_view_is_a_view_to_save() -> None:
    view = ViewDocument.decode(json.dumps(HOME))
    new = NewView.decode(json.dumps(as_document(view, 7)))
    assert (new.revision, new.without_revision()) == (7, view)


def test_panels_without_id_get_free_ones() -> None:
    view = ViewDocument.decode(
        '{"panels":[{"series":["a"]},{"id":"p1","series":["b"]},{"tags":["host=attic"]}]}'
    )
    assert [each.id for each in view.panels] == ["p2", "p1", "p3"]


@pytest.mark.parametrize("limit", ["25", "-1.5e3", "18..24", "..24", "18..", ".5..1."])
def test_valid_limit_is_accepted(limit: str) -> None:
    assert ViewDocument.decode(panel(limits=[limit])).panels[2].limits == [limit]


@pytest.mark.parametrize(
    "window",
    [
        *("24h", "90m", "1.5d", "all", None),
        *("today", "yesterday", "this-week", "last-week", "this-month", "last-month"),
        *("1763790000..1763793600", "1763790000.123..1763793600.5"),
    ],
)
def test_valid_window_is_accepted(window: str | None) -> None:
    assert ViewDocument.decode(json.dumps({"window": window})).window == window


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"panels":' + "[" * 10_000, "panels[0]: "),
        ("[]", "Expected `object`"),
        ('{"colums":2}', "unknown field `colums`"),
        ('{"columns":5}', "columns: "),
        ('{"title":"\\u0007"}', "title: must not contain control characters"),
        ('{"window":"a day"}', "window: must be a length such as 24h"),
        ('{"window":"this-day"}', "window: must be a length such as 24h"),
        ('{"window":"20..10"}', "or a range such as 1763790000..1763793600"),
        ('{"window":"10..10"}', "or a range such as"),
        ('{"window":"10.."}', "or a range such as"),
        ('{"window":"٣h"}', "window: must be a length such as 24h"),
        (panel(type="pie"), "panels[2].type: "),
        (panel(type="pie"), "possible values are line, states, bars, rate, value"),
        (panel(per="year"), "panels[2].per: "),
        (panel(axis={"scale": "square"}), "panels[2].axis.scale: "),
        (panel(axis={"min": 2, "max": 1}), "panels[2].axis: min must be below max"),
        (panel(axis={"scale": "log", "min": 0}), "panels[2].axis: the ends of a log scale"),
        (panel(axis={"scale": "log", "zero": True}), "panels[2].axis: a log scale can't"),
        (panel(series=[]), "panels[2].series: give a name"),
        (panel(series=[""]), "panels[2].series[0]: "),
        (panel(series=["a"] * 101), "panels[2].series: "),
        (panel(series="a"), "panels[2].series: "),
        (panel(tags=["attic"]), "panels[2].tags[0]: must be KEY=VALUE"),
        (panel(limits=["18-24"]), "panels[2].limits[0]: must be a number or a range"),
        (panel(limits=[".."]), "panels[2].limits[0]: "),
        (panel(limits=["1e999"]), "panels[2].limits[0]: "),
        (panel(id="p 1"), "panels[2].id: "),
        (json.dumps({"panels": [{"id": "a", "series": ["a"]}] * 2}), "panels[1].id: another"),
        (json.dumps({"panels": [{"series": ["a"]}] * 101}), "panels: "),
        (json.dumps({"panels": [{"series": ["a" * 900] * 90}]}), f"most {MAX_VIEW_BYTES} bytes"),
    ],
)
def test_fault_names_its_place(text: str, reason: str) -> None:
    with pytest.raises(MalformedError) as raised:
        ViewDocument.decode(text)
    assert reason in str(raised.value)


@pytest.mark.parametrize("name", ["home", "Küche-2", "a_b", "x" * 64])
def test_valid_name_stays(name: str) -> None:
    assert view_name(name) == name


def test_same_letter_of_another_keyboard_is_the_same_name() -> None:
    assert view_name("Ku\u0308che") == "K\u00fcche"


@pytest.mark.parametrize("name", ["", "a b", "a/b", "..", "a.b", "x" * 65, "a\n", "a%2F"])
def test_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(MalformedError, match="the name of a view"):
        view_name(name)
