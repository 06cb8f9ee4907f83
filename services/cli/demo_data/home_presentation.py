"""Labels, words and the view of the demo `home`."""

from typing import Final

from services.cli.demo_data.presentation import Presentation, view
from services.formats.views import AxisSpec, PanelSpec
from services.series_settings import SettingsChange

_ROOMS: Final = {
    "living-room": "Living room",
    "bedroom": "Bedroom",
    "kitchen": "Kitchen",
    "bathroom": "Bathroom",
    "outdoor": "Outdoor",
}
_CLIMATE: Final = {"temperature": 1, "humidity": 0}
"""Decimals of what most rooms measure."""


def home_presentation() -> Presentation:
    """Return what the owner of the home has set."""
    return Presentation(settings=_settings(), views={"home": _HOME})


def _settings() -> dict[str, SettingsChange]:
    settings: dict[str, SettingsChange] = {
        f"{name}.{quantity}": {"label": f"{room} {quantity}", "decimals": decimals}
        for name, room in _ROOMS.items()
        for quantity, decimals in _CLIMATE.items()
    }
    return settings | _OTHERS


_OTHERS: Final[dict[str, SettingsChange]] = {
    "living-room.co2": {"label": "Living room CO₂", "decimals": 0},
    "bedroom.co2": {"label": "Bedroom CO₂", "decimals": 0},
    "outdoor.pressure": {"label": "Air pressure", "decimals": 1},
    "boiler.temperature": {"label": "Boiler flow temperature", "decimals": 1},
    "boiler.burner": {"label": "Burner", "kind": "state", "states": {"0": "off", "1": "on"}},
    "house.power": {"label": "Power of the house", "decimals": 0},
    "house.energy": {"label": "Energy meter", "kind": "counter", "decimals": 2},
    **{
        name: {"label": label, "kind": "state", "states": {"0": "closed", "1": "open"}}
        for name, label in (
            ("door.front", "Front door"),
            ("door.balcony", "Balcony door"),
            ("window.bedroom", "Bedroom window"),
        )
    },
}

_HOME: Final = view(
    "Home",
    PanelSpec(title="Living room", type="value", series=["living-room.temperature"]),
    PanelSpec(title="Power now", type="value", series=["house.power"]),
    PanelSpec(
        title="Room temperatures",
        series=[f"{room}.temperature" for room in _ROOMS if room != "outdoor"],
        limits=["18..24"],
    ),
    PanelSpec(title="Outdoor temperature", series=["outdoor.temperature"], band=True),
    PanelSpec(title="Doors and windows", type="states", series=["door.*", "window.*"]),
    PanelSpec(title="Heating", type="states", series=["boiler.burner"]),
    PanelSpec(title="Energy", type="bars", series=["house.energy"]),
    PanelSpec(title="Power", series=["house.power"], axis=AxisSpec(zero=True)),
    PanelSpec(title="CO₂", series=["*.co2"], axis=AxisSpec(min=400), limits=["..1400"]),
    PanelSpec(title="Humidity", series=["*.humidity"]),
    window="24h",
)
