import assert from "node:assert/strict";
import { test } from "node:test";

import { timeTicks, valueTicks } from "../chart/ticks.js";
import { timeOf, zoneOffsets } from "./support/zones.js";

/** @param {number} seconds */
const fixedOffset = (seconds) => () => seconds;

/** @param {number[]} times */
const toUtcTexts = (times) =>
  times.map((time) => new Date(time * 1_000).toISOString().slice(0, 16));

test("time ticks lie on full steps and stay there while the window slides", () => {
  const { step, times } = timeTicks(1_000_003, 1_000_063, 10, fixedOffset(0));
  assert.deepEqual(step, { unit: "second", count: 10 });
  assert.deepEqual(times, [1_000_010, 1_000_020, 1_000_030, 1_000_040, 1_000_050, 1_000_060]);
  const later = timeTicks(1_000_003.7, 1_000_063.7, 10, fixedOffset(0)).times;
  assert.deepEqual(later, times);
});

test("time ticks are ascending and at most one more than the maximum count", () => {
  for (let span = 0.004; span < 500 * 365 * 86_400; span *= 1.37) {
    for (const maxCount of [1, 3, 10]) {
      const from = 1_793_760_000.5;
      const { times } = timeTicks(from, from + span, maxCount, zoneOffsets("Europe/Berlin"));
      assert.ok(times.length <= maxCount + 1, `${times.length} labels for ${span} s`);
      assert.ok(times.every((time, i) => !i || time > times[i - 1]));
    }
  }
});

test("time ticks lie on full steps of the zone, not of UTC", () => {
  const offset = 20_700; // 5:45 h
  const { step, times } = timeTicks(0, 7_200, 4, fixedOffset(offset));
  assert.equal(step.count, 1_800);
  assert.ok(times.every((time) => (time + offset) % 1_800 === 0));
});

test("fractions of a second have no rounding errors", () => {
  const { times } = timeTicks(100, 100.5, 5, fixedOffset(0));
  assert.deepEqual(times, [100, 100.1, 100.2, 100.3, 100.4, 100.5]);
});

test("days begin at midnight before and after a change of the clocks", () => {
  const berlin = zoneOffsets("Europe/Berlin");
  const [from, to] = [timeOf("2026-10-23T12:00Z"), timeOf("2026-10-27T12:00Z")];
  const { step, times } = timeTicks(from, to, 5, berlin);
  assert.deepEqual(step, { unit: "day", count: 1 });
  assert.deepEqual(toUtcTexts(times), [
    "2026-10-23T22:00", "2026-10-24T22:00", "2026-10-25T23:00", "2026-10-26T23:00",
  ]);
});

test("hour ticks lie on full hours on both sides of a change of the clocks", () => {
  const berlin = zoneOffsets("Europe/Berlin");
  const [from, to] = [timeOf("2026-03-28T20:30Z"), timeOf("2026-03-29T20:00Z")];
  const { step, times } = timeTicks(from, to, 10, berlin);
  assert.deepEqual(step, { unit: "second", count: 10_800 });
  const hours = times.map((time) => ((time + berlin(time)) / 3_600) % 24);
  assert.deepEqual(hours, [0, 3, 6, 9, 12, 15, 18, 21]);
});

test("weeks begin on Monday", () => {
  const [from, to] = [timeOf("2026-11-01T00:00Z"), timeOf("2026-12-01T00:00Z")];
  const { step, times } = timeTicks(from, to, 5, fixedOffset(0));
  assert.deepEqual(step, { unit: "day", count: 7 });
  assert.ok(times.every((time) => new Date(time * 1_000).getUTCDay() === 1));
});

test("months begin on their first day", () => {
  const [from, to] = [timeOf("2026-01-15T00:00Z"), timeOf("2026-07-15T00:00Z")];
  const { step, times } = timeTicks(from, to, 8, zoneOffsets("America/New_York"));
  assert.deepEqual(step, { unit: "month", count: 1 });
  assert.deepEqual(toUtcTexts(times), [
    "2026-02-01T05:00", "2026-03-01T05:00", "2026-04-01T04:00", "2026-05-01T04:00",
    "2026-06-01T04:00", "2026-07-01T04:00",
  ]);
});

test("years begin in January", () => {
  const [from, to] = [timeOf("2016-06-01T00:00Z"), timeOf("2026-06-01T00:00Z")];
  const { step, times } = timeTicks(from, to, 6, fixedOffset(0));
  assert.deepEqual(step, { unit: "year", count: 2 });
  assert.deepEqual(toUtcTexts(times).map((text) => text.slice(0, 10)), [
    "2018-01-01", "2020-01-01", "2022-01-01", "2024-01-01", "2026-01-01",
  ]);
});

test("value ticks are multiples of the step for any ends of the axis", () => {
  assert.deepEqual(valueTicks({ min: -5, max: 105, step: 20 }), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(valueTicks({ min: -3.5, max: 4.5, step: 2 }), [-2, 0, 2, 4]);
});
