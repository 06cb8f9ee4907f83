"""Names of units, as Home Assistant sends them in the place of a measurement."""

import pytest

from services.formats.parsing.unit_names import is_unit

# The units of Home Assistant, and some that its integrations add.
UNITS = """
mVA VA kVA mW W kW MW GW TW BTU/h mvar var kvar J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal
Gcal varh kvarh kWh/100km Wh/km mi/kWh km/kWh mA A μA μV mV V kV MV ° € $ ¢ °C °F K μs ms s min h
d w m y mm cm m km in ft yd mi nmi mHz Hz kHz MHz GHz mPa Pa hPa kPa bar cbar mbar mmHg inHg inH₂O
psi dB dBA ft³ CCF MCF m³ L mL gal fl.␣oz. m³/h m³/min m³/s ft³/min L/h L/min L/s gal/h gal/min
gal/d mL/s m² cm² km² mm² in² ft² yd² mi² ac ha g kg mg μg oz lb st S/cm μS/cm mS/cm lx UV␣index %
rpm W/m² BTU/(h⋅ft²) in/d in/h mm/d mm/h g/m³ mg/m³ μg/m³ μg/ft³ p/m³ ppm ppb mg/dL mmol/L
Beaufort ft/s in/s m/min m/s km/h kn mph mm/s dBm bit kbit Mbit Gbit B kB MB GB TB PB EB ZB YB KiB
MiB GiB TiB PiB EiB ZiB YiB bit/s kbit/s Mbit/s Gbit/s B/s kB/s MB/s GB/s KiB/s MiB/s GiB/s µg/m³
m/s² %RH °dH ppm/h EUR EUR/kWh €/kWh SEK/kWh kr/kWh Ah mAh Wp kWp W/m^2 m3 m3/h kWh/m2 Mbps bpm pH
lux klx µSv/h Bq/m³ rad N Nm days
"""

WORDS = """
event events state states units home hass homeassistant sensor sensors measurement measurements data
value values temperature power energy climate binary_sensor sensor__power sensor.kitchen light iot
room/kitchen my%_metric influx autogen test foo bar1x house x123 1 12 / ( home-assistant Kitchen
"""


@pytest.mark.parametrize("unit", UNITS.split())
def test_unit_is_recognized(unit: str) -> None:
    assert is_unit(unit.replace("␣", " "))


@pytest.mark.parametrize("word", ["", *WORDS.split(), "my events", "a thing", "%" * 51])
def test_word_is_no_unit(word: str) -> None:
    assert not is_unit(word)
