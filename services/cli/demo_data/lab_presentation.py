"""Labels, words and the view of the demo `lab`."""

from typing import Final

from services.cli.demo_data.presentation import Presentation, view
from services.formats.views import AxisSpec, PanelSpec
from services.series_settings import SettingsChange

_SETTINGS: Final[dict[str, SettingsChange]] = {
    "accelerometer.x": {"label": "Acceleration x", "decimals": 3},
    "accelerometer.y": {"label": "Acceleration y", "decimals": 3},
    "strain.bridge": {"label": "Bridge strain", "decimals": 1},
    "chamber.temperature": {"label": "Chamber temperature", "decimals": 2},
    "supply.voltage": {"label": "Supply voltage", "decimals": 2},
    "shaker.speed": {"label": "Shaker speed", "decimals": 0},
    "shaker.running": {
        "label": "Shaker",
        "kind": "state",
        "states": {"0": "stopped", "1": "running"},
    },
}

_LAB: Final = view(
    "Lab",
    PanelSpec(title="Chamber", type="value", series=["chamber.temperature"]),
    PanelSpec(title="Supply", type="value", series=["supply.voltage"]),
    PanelSpec(title="Acceleration", series=["accelerometer.*"], band=True),
    PanelSpec(title="Bridge strain", series=["strain.bridge"], axis=AxisSpec(min=-150, max=150)),
    PanelSpec(title="Shaker", type="states", series=["shaker.running"]),
    PanelSpec(title="Shaker speed", series=["shaker.speed"], axis=AxisSpec(zero=True)),
    window="1m",
)


def lab_presentation() -> Presentation:
    """Return what the owner of the laboratory has set."""
    return Presentation(settings=_SETTINGS, views={"lab": _LAB})
