"""A replay applies the corrections that came after an entry, and is fast with many of them."""

import random
from collections.abc import Sequence

import pytest

from services.broker import Entry
from services.command import (
    Delete,
    Erase,
    Rename,
    SeriesCommand,
    SetSettings,
    SetUnit,
)
from services.position import EntryId
from services.reading import Reading
from services.store import Correction
from services.writer.replay import Replay

END = EntryId(1_000_000, 0)


def entry(number: int) -> Entry:
    return Entry(EntryId(number, 0), 1, 1, "m", b"")


def corrected_one_by_one(
    number: int, reading: Reading | None, corrections: Sequence[Correction]
) -> Reading | None:
    """Apply every correction after an entry, without any of the shortcuts."""
    for correction in corrections:
        if reading is not None and correction.entry > EntryId(number, 0):
            assert isinstance(correction.command, SeriesCommand)
            reading = correction.command.apply(reading)
    return reading


def random_command(source: random.Random) -> SeriesCommand:
    series, start = source.choice("abc"), source.randrange(10)
    commands: list[SeriesCommand] = [
        Delete(series),
        Rename(series, source.choice("abc")),
        SetUnit(series, "V"),
        SetUnit(series, None),
        SetSettings(series, {"label": "A"}),
        Erase(series, start, start + source.randrange(4)),
        Erase(series, start, start + source.randrange(4)),
    ]
    return source.choice(commands)


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_shortcuts_change_no_result(seed: int, in_order: bool) -> None:
    source = random.Random(seed)  # noqa: S311 (no secret)
    numbers = [source.randrange(40) for _ in range(25)]
    corrections = [
        Correction(EntryId(number, 0), random_command(source))
        for number in (sorted(numbers) if in_order else numbers)
    ]
    replay = Replay(END, corrections)
    for number in range(41):
        readings = [Reading(name, ts, 1.0, "mV") for name in "abc" for ts in range(12)]
        expected = [corrected_one_by_one(number, reading, corrections) for reading in readings]
        assert replay.corrected(entry(number), readings) == [r for r in expected if r is not None]


def test_settings_cost_a_replay_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    command = SetSettings("a", {"label": "A"})
    replay = Replay(END, [Correction(EntryId(number, 0), command) for number in range(10, 20)])
    # They change no reading.
    monkeypatch.delattr(SetSettings, "apply")
    readings = [Reading("a", 1, 1.0)]
    assert replay.corrected(entry(1), readings) == readings
    assert replay.is_done(entry(15))


@pytest.mark.parametrize("command", [SetUnit("a", "V"), Erase("a", 5, 9)])
def test_equal_corrections_are_applied_once(
    command: SeriesCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrections = [Correction(EntryId(number, 0), command) for number in range(10, 2_000)]
    replay = Replay(END, corrections)
    applied = 0
    apply = type(command).apply

    def count(self: SeriesCommand, reading: Reading) -> Reading | None:
        nonlocal applied
        applied += 1
        return apply(self, reading)  # type: ignore[arg-type]

    monkeypatch.setattr(type(command), "apply", count)
    readings = [Reading("a", 1, 1.0)] * 100
    assert len(replay.corrected(entry(1), readings)) == 100
    assert applied == 100
