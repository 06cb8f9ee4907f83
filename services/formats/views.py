"""Views as JSON: which panels a page shows, and how.

A view is kept under a name. The docstrings here are part of the API's description.
"""

import re
import unicodedata
from itertools import count
from typing import Annotated, Any, Final, Literal, Self, get_args

import msgspec
from msgspec import Meta, Struct

from services.errors import MalformedError
from services.reading import MAX_NAME_CHARS

MAX_VIEW_BYTES: Final = 65_536
"""Bytes of a view as JSON."""

MAX_VIEW_PANELS: Final = 100
MAX_PANEL_SELECTORS: Final = 100
MAX_VIEW_NAME_CHARS: Final = 64
_MAX_LIMITS: Final = 20
_MAX_TITLE_CHARS: Final = 200
_MAX_REVISION: Final = 1 << 53

PanelType = Literal["line", "states", "bars", "rate", "value"]
AxisScale = Literal["linear", "log"]
Period = Literal["hour", "day", "week", "month"]

_CHOICES: Final = {"type": PanelType, "scale": AxisScale, "per": Period}
"""Types of the fields that have a few possible values, by the name of the field."""

_NAME = re.compile(r"[\w-]+")
_TITLE = re.compile(r"[^\x00-\x1f\x7f]*")
_PANEL_ID = re.compile(r"[A-Za-z0-9_-]+")
_WINDOW = re.compile(
    r"all|today|yesterday|(this|last)-(week|month)|\d{1,9}(\.\d{1,3})?[smhdw]", re.ASCII
)
_FIXED_WINDOW = re.compile(r"(\d{1,11}(?:\.\d{1,6})?)\.\.(\d{1,11}(?:\.\d{1,6})?)", re.ASCII)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LIMIT = re.compile(rf"({_NUMBER})|({_NUMBER})?\.\.({_NUMBER})?", re.ASCII)
_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)

_Title = Annotated[str, Meta(max_length=_MAX_TITLE_CHARS)]
_Limits = Annotated[
    list[Annotated[str, Meta(max_length=100)]],
    Meta(max_length=_MAX_LIMITS, description="A number, or a range such as 18..24, ..24 or 18.."),
]


class AxisSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The value axis of a panel. `zero` makes it include 0; null ends follow the data."""

    scale: AxisScale = "linear"
    zero: bool = False
    min: float | None = None
    max: float | None = None


class PanelSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A panel. It shows the series that match one of `series` and all keys of `tags`.

    Series that appear later join. Without `id` it gets one; `band` draws minimum and maximum, and
    `per` is the period of bars.
    """

    id: Annotated[str, Meta(max_length=MAX_VIEW_NAME_CHARS)] = ""
    title: _Title | None = None
    type: PanelType = "line"
    series: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]],
        Meta(max_length=MAX_PANEL_SELECTORS, description="Names, or patterns with *"),
    ] = []
    tags: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]],
        Meta(max_length=MAX_PANEL_SELECTORS, description="KEY=VALUE, whose value may have *"),
    ] = []
    axis: AxisSpec = AxisSpec()
    band: bool = False
    per: Period | None = None
    limits: _Limits = []


class ViewDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """Content of a view.

    `window` is a length such as 24h, all, a day, week or month such as today or last-week, or a
    range in Unix seconds such as 1763790000..1763793600; null leaves the choice.
    """

    title: _Title = ""
    window: Annotated[str, Meta(max_length=40)] | None = None
    columns: Annotated[int, Meta(ge=1, le=4)] | None = None
    panels: Annotated[list[PanelSpec], Meta(max_length=MAX_VIEW_PANELS)] = []

    @classmethod
    def decode(cls, text: bytes | str) -> Self:
        """Decode a view that was stored or exported.

        Raises:
            MalformedError: It is not a valid view; the text names the place.
        """
        try:
            return cls.checked(msgspec.json.decode(text, type=cls))
        except msgspec.ValidationError as error:
            raise MalformedError(_with_place(str(error))) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedError(f"not JSON: {error}") from error

    @classmethod
    def checked(cls, view: Self) -> Self:
        """Return a view with an id for each panel.

        Raises:
            MalformedError: A rule is broken that the types don't hold.
        """
        fault = _view_fault(view)
        if fault is not None:
            raise MalformedError(fault)
        view = msgspec.structs.replace(view, panels=_with_ids(view.panels))
        if len(view.encode()) > MAX_VIEW_BYTES:
            raise MalformedError(f"a view must have at most {MAX_VIEW_BYTES} bytes")
        return view

    def encode(self) -> bytes:
        """Return the view as JSON, without a revision."""
        return _encode(self)


class NewView(ViewDocument, frozen=True):
    """A view to save. `revision` is the one that it replaces, null or 0 for a new view."""

    revision: Annotated[int, Meta(ge=0, le=_MAX_REVISION)] | None = None

    def without_revision(self) -> ViewDocument:
        """Return the view alone."""
        return ViewDocument(self.title, self.window, self.columns, self.panels)


class NumberedView(ViewDocument, frozen=True):
    """A view with its revision, which grows with each change."""

    revision: int = msgspec.field(default=1)


_encode: Final = msgspec.json.Encoder().encode


def view_name(text: str) -> str:
    """Return the name of a view in the form in which it is compared.

    Raises:
        MalformedError: It is not a valid name.
    """
    # Two keyboards may write the same letter in two ways, which look alike.
    name = unicodedata.normalize("NFC", text)
    if len(name) > MAX_VIEW_NAME_CHARS:
        raise MalformedError(
            f"the name of a view must have at most {MAX_VIEW_NAME_CHARS} characters"
        )
    if not _NAME.fullmatch(name):
        raise MalformedError(
            "the name of a view may only have letters, digits, - and _; its title may have more"
        )
    return name


def as_document(view: ViewDocument, revision: int) -> dict[str, Any]:
    """Return a view with its revision, in the order in which people read it."""
    fields = msgspec.to_builtins(view)
    return {"title": fields.pop("title"), "revision": revision, **fields}


def _with_ids(panels: list[PanelSpec]) -> list[PanelSpec]:
    """Give an id to panels that have none: p1, p2, and so on."""
    taken = {panel.id for panel in panels}
    free = (id_ for id_ in (f"p{number}" for number in count(1)) if id_ not in taken)
    return [
        panel if panel.id else msgspec.structs.replace(panel, id=next(free)) for panel in panels
    ]


def _view_fault(view: ViewDocument) -> str | None:
    if not _TITLE.fullmatch(view.title):
        return "title: must not contain control characters"
    if view.window is not None and not _is_window(view.window):
        return (
            "window: must be a length such as 24h, or all, today, yesterday, this-week, last-week, "
            "this-month, last-month, or a range such as 1763790000..1763793600, "
            f"not {view.window!r}"
        )
    ids: set[str] = set()
    for index, panel in enumerate(view.panels):
        fault = _panel_fault(panel)
        if fault is None and panel.id in ids:
            fault = f"id: another panel has the id {panel.id!r}"
        if fault is not None:
            return f"panels[{index}].{fault}"
        ids |= {panel.id} - {""}
    return None


def _is_window(text: str) -> bool:
    ends = _FIXED_WINDOW.fullmatch(text)
    if ends:
        return float(ends[1]) < float(ends[2])
    return _WINDOW.fullmatch(text) is not None


def _panel_fault(panel: PanelSpec) -> str | None:
    """Return the place in a panel and the fault there, None if the panel is valid."""
    if panel.id and not _PANEL_ID.fullmatch(panel.id):
        return "id: may only have the letters a to z, digits, - and _"
    if panel.title is not None and not _TITLE.fullmatch(panel.title):
        return "title: must not contain control characters"
    if not panel.series and not panel.tags:
        return "series: give a name, a pattern with *, or tags"
    for index, tag in enumerate(panel.tags):
        key, equals, _value = tag.partition("=")
        if not key or not equals:
            return f"tags[{index}]: must be KEY=VALUE, not {tag!r:.80}"
    for index, limit in enumerate(panel.limits):
        if not _is_limit(limit):
            return f"limits[{index}]: must be a number or a range such as 18..24, not {limit!r}"
    return _axis_fault(panel.axis)


def _axis_fault(axis: AxisSpec) -> str | None:
    low, high = axis.min, axis.max
    if low is not None and high is not None and low >= high:
        return "axis: min must be below max"
    if axis.scale == "log":
        if axis.zero:
            return "axis: a log scale can't include 0"
        if any(end is not None and end <= 0 for end in (low, high)):
            return "axis: the ends of a log scale must be above 0"
    return None


def _is_limit(text: str) -> bool:
    match = _LIMIT.fullmatch(text)
    ends = [end for end in match.groups() if end is not None] if match else []
    return bool(ends) and all(abs(float(end)) < float("inf") for end in ends)


def _with_place(text: str) -> str:
    """Put the place of a fault first: `panels[2].type: ...`."""
    match = _PLACE.fullmatch(text)
    reason, place = match.groups() if match else (text, "")
    choices = _CHOICES.get(place.rpartition(".")[2])
    if choices is not None:
        reason = f"{reason}; possible values are {', '.join(get_args(choices))}"
    return f"{place}: {reason}" if place else reason
