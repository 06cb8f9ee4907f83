"""Kinds and the view of the demo `servers`."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.cli.demo_data.presentation import Presentation, view
from services.formats.views import AxisSpec, PanelSpec
from services.point import SeriesPoint
from services.series_settings import SettingsChange

_RARE_COUNTERS: Final = {"err_in", "drop_in"}
"""Counters that grow so rarely that nobody can guess their kind from the readings."""

_BUSY_HOSTS: Final = ("web-01", "web-02", "db-01", "worker-01")
"""Servers whose cores the view shows: a page has at most 100 series."""

_PERCENT_AXIS: Final = AxisSpec(min=0, max=100)


def servers_presentation(points: Mapping[str, SeriesPoint | None]) -> Presentation:
    """Return what the owner of the servers has set.

    Args:
        points: The points of all series, by the name of the series.
    """
    settings: dict[str, SettingsChange] = {
        name: {"kind": "counter", "decimals": 0}
        for name, point in points.items()
        if point is not None and point.field in _RARE_COUNTERS
    }
    racks = view("Racks", *_shared_panels(), *map(_cpu_panel, _BUSY_HOSTS), window="6h")
    return Presentation(settings=settings, views={"racks": racks})


def _shared_panels() -> Iterable[PanelSpec]:
    """Yield the panels in which all servers are."""
    for title, datacenter in (("Load in Basel", "basel"), ("Load in Zurich", "zurich")):
        tags = [f"datacenter={datacenter}", "measurement=system", "field=load1"]
        yield PanelSpec(title=title, tags=tags, axis=AxisSpec(zero=True))
    for title, measurement in (("Memory used", "mem"), ("Disks used", "disk")):
        tags = [f"measurement={measurement}", "field=used_percent"]
        yield PanelSpec(title=title, tags=tags, axis=_PERCENT_AXIS, limits=["..90"])
    for title, field in (("Network received", "bytes_recv"), ("Network sent", "bytes_sent")):
        yield PanelSpec(title=title, type="rate", tags=["measurement=net", f"field={field}"])


def _cpu_panel(host: str) -> PanelSpec:
    """Return the panel of all processor cores of a server."""
    tags = ["measurement=cpu", f"host={host}"]
    return PanelSpec(title=f"Cores of {host}", tags=tags, axis=_PERCENT_AXIS)
