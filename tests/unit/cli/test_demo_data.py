"""The data sets of `stripchart demo`."""

from collections import defaultdict
from itertools import pairwise

import pytest

from services.cli.demo_data.demo import Demo
from services.cli.demo_data.electricity import Electricity
from services.cli.demo_data.home import home
from services.cli.demo_data.lab import lab
from services.cli.demo_data.noise import drift, noise
from services.cli.demo_data.servers import servers
from services.command import PutView, SetSettings
from services.formats.commands import command_fault
from services.formats.parsing.point_names import find_point
from services.formats.views import PanelSpec
from services.pattern import matches
from services.reading import MICROSECONDS, Reading, series_fault, unit_fault, value_fault
from services.tag_filter import FIELD, MEASUREMENT, TAG_PREFIX, TagFilter

# Two days after the meter of the home was replaced: the sums of earlier days need not be made.
NOW = (45 * 462 + 2) * 86_400 * MICROSECONDS
MINUTE = 60 * MICROSECONDS
HOUR = 60 * MINUTE
DAY_SECONDS = 86_400
DEMOS = [home(), servers(), lab()]
MAX_SERIES_OF_A_PAGE = 100


def by_series(readings: list[Reading]) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        found[reading.series].append(reading)
    return found


def selected(panel: PanelSpec, demo: Demo) -> list[str]:
    """Return the series of a demo that a panel shows."""
    pairs = [tag.split("=", 1) for tag in panel.tags]
    conditions = [
        (key if key in {MEASUREMENT, FIELD} else f"{TAG_PREFIX}{key}", value)
        for key, value in pairs
    ]
    tags = TagFilter.parse(conditions)
    return [
        signal.name
        for signal in demo.signals
        if any(matches(pattern, signal.name) for pattern in panel.series or ["*"])
        and tags.matches(signal.point)
    ]


def of_series(demo: Demo, name: str, start: int, end: int) -> list[Reading]:
    signal = next(signal for signal in demo.signals if signal.name == name)
    return list(signal.readings(start, end, NOW))


@pytest.mark.parametrize(("demo", "count"), list(zip(DEMOS, (20, 186, 7), strict=True)))
def test_demo_has_its_number_of_distinct_series(demo: Demo, count: int) -> None:
    assert len({signal.name for signal in demo.signals}) == len(demo.signals) == count


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_settings_are_valid_and_of_series_of_the_demo(demo: Demo) -> None:
    names = {signal.name for signal in demo.signals}
    commands = list(demo.presentation.commands())
    assert {command_fault(command) for command in commands} == {None}
    assert {c.series for c in commands if isinstance(c, SetSettings)} <= names
    assert [c.view for c in commands if isinstance(c, PutView)] == list(demo.presentation.views)


@pytest.mark.parametrize("demo", [DEMOS[0], DEMOS[2]], ids=lambda demo: demo.name)
def test_each_series_of_a_person_has_a_label_of_its_own(demo: Demo) -> None:
    labels = [demo.presentation.settings[signal.name]["label"] for signal in demo.signals]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_each_panel_of_a_view_has_series(demo: Demo) -> None:
    (document,) = demo.presentation.views.values()
    found = {panel.id: selected(panel, demo) for panel in document.panels}
    assert [id_ for id_, names in found.items() if not names] == []
    assert sum(map(len, found.values())) <= MAX_SERIES_OF_A_PAGE
    values = [panel for panel in document.panels if panel.type == "value"]
    assert {len(found[panel.id]) for panel in values} <= {1}


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_readings_are_valid_and_in_order(demo: Demo) -> None:
    half = round(60 * demo.tick_seconds * MICROSECONDS)
    readings = demo.readings(NOW - half, NOW + half, NOW)
    assert readings
    assert {
        series_fault(r.series) or unit_fault(r.unit) or value_fault(r.value) for r in readings
    } == {None}
    for own in by_series(readings).values():
        assert all(a.ts < b.ts for a, b in pairwise(own))


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_adjacent_intervals_give_each_reading_once(demo: Demo) -> None:
    start, end = NOW - 5 * MICROSECONDS, NOW + 5 * MICROSECONDS
    parts = [
        reading
        for first, last in pairwise((start, start + 1_234_567, NOW, end))
        for reading in demo.readings(first, last, NOW)
    ]
    assert sorted(parts) == sorted(demo.readings(start, end, NOW))


def test_same_seed_gives_same_values_and_another_seed_others() -> None:
    first, again, other = (
        of_series(home(seed), "bedroom.co2", NOW - HOUR, NOW) for seed in (1, 1, 2)
    )
    assert first == again
    assert {r.value for r in first} != {r.value for r in other}


def test_history_begins_where_the_demo_promises() -> None:
    for demo in DEMOS:
        begin = NOW - round(demo.history_seconds * MICROSECONDS)
        assert demo.readings(begin - HOUR, begin, NOW) == []
        assert demo.readings(begin, begin + 5 * MINUTE, NOW)


def test_slices_cover_the_interval() -> None:
    demo = home()
    slices = list(demo.slices(0, 50_000 * MICROSECONDS))
    assert slices[0][0] == 0
    assert slices[-1][1] == 50_000 * MICROSECONDS
    assert all(a[1] == b[0] for a, b in pairwise(slices))


def test_series_of_servers_have_their_points() -> None:
    demo = servers()
    names = [signal.name for signal in demo.signals]
    assert "cpu,cpu=cpu10,datacenter=basel,host=web-01 usage_user" in names
    assert [find_point(name, demo.points) for name in names] == list(demo.points.values())
    assert {point.tags["host"] for point in demo.points.values() if point} >= {"web-01", "db-02"}


def test_counters_of_servers_fall_only_when_the_server_boots() -> None:
    name = "net,datacenter=basel,host=web-01,interface=eth0 bytes_recv"
    values = [
        r.value for r in of_series(servers(), name, NOW - 2 * DAY_SECONDS * MICROSECONDS, NOW)
    ]
    assert sum(a > b for a, b in pairwise(values)) <= 1


def test_lab_has_three_channels_of_200_hertz() -> None:
    found = by_series(lab().readings(NOW, NOW + MICROSECONDS, NOW))
    assert sorted(name for name, own in found.items() if len(own) == 200) == [
        "accelerometer.x",
        "accelerometer.y",
        "strain.bridge",
    ]


def test_door_alternates_between_open_and_closed() -> None:
    door = of_series(home(), "door.front", NOW - 20 * DAY_SECONDS * MICROSECONDS, NOW)
    assert {r.value for r in door} == {0.0, 1.0}
    assert all(a.value != b.value and a.ts < b.ts for a, b in pairwise(door))


def test_first_reading_of_door_tells_its_state() -> None:
    begin = NOW - 60 * DAY_SECONDS * MICROSECONDS
    assert of_series(home(), "door.front", begin, begin + 1) == [Reading("door.front", begin, 0.0)]


def test_sensor_is_silent_in_its_gap() -> None:
    demo = home()
    assert of_series(demo, "bathroom.humidity", NOW - 2 * HOUR, NOW) == []
    assert of_series(demo, "bathroom.humidity", NOW - 4 * HOUR, NOW)
    assert of_series(demo, "outdoor.pressure", NOW - 29 * HOUR, NOW - 26 * HOUR) == []
    assert of_series(demo, "outdoor.pressure", NOW - HOUR, NOW)


def test_energy_is_the_sum_of_power_and_begins_again_with_a_new_meter() -> None:
    electricity = Electricity(1)
    replaced = 45 * 462 * DAY_SECONDS + 10 * 3_600
    after = replaced + 3_600
    used = sum(electricity.power(second) * 120 for second in range(replaced, after, 120))
    assert electricity.energy(after) == pytest.approx(used / 3_600_000)
    assert electricity.energy(replaced) == 0
    used = sum(electricity.power(second) * 120 for second in range(after, after + 3_600, 120))
    difference = electricity.energy(after + 3_600) - electricity.energy(after)
    assert difference == pytest.approx(used / 3_600_000)


def test_noise_is_even_and_drift_is_smooth() -> None:
    values = [noise(7, index) for index in range(2_000)]
    assert -1 <= min(values) < -0.98
    assert 0.98 < max(values) <= 1
    assert abs(sum(values) / len(values)) < 0.05
    curve = [drift(7, second, 100) for second in range(1_000)]
    assert max(abs(a - b) for a, b in pairwise(curve)) < 0.05
