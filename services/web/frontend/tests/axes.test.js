import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeLabels } from "../chart/timeLabels.js";
import { niceRange } from "../chart/niceRange.js";
import { timeTicks, valueTicks } from "../chart/ticks.js";

/** @param {number} seconds */
const ahead = (seconds) => () => seconds;

/** The offsets of a zone. @param {string} zone */
function zoned(zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  return (/** @type {number} */ time) => {
    const whole = Math.floor(time);
    const parts = Object.fromEntries(
      format.formatToParts(whole * 1_000).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - whole;
  };
}

/** @param {string} text */
const at = (text) => Date.parse(text) / 1_000;

/** @param {number[]} times */
const inUtc = (times) => times.map((time) => new Date(time * 1_000).toISOString().slice(0, 16));

test("time labels stand on full steps and stay there while the window slides", () => {
  const { step, times } = timeTicks(1_000_003, 1_000_063, 10, ahead(0));
  assert.deepEqual(step, { unit: "second", count: 10 });
  assert.deepEqual(times, [1_000_010, 1_000_020, 1_000_030, 1_000_040, 1_000_050, 1_000_060]);
  const later = timeTicks(1_000_003.7, 1_000_063.7, 10, ahead(0)).times;
  assert.deepEqual(later, times);
});

test("there are never more labels than there is room for", () => {
  for (let span = 0.004; span < 500 * 365 * 86_400; span *= 1.37) {
    for (const most of [1, 3, 10]) {
      const from = 1_793_760_000.5;
      const { times } = timeTicks(from, from + span, most, zoned("Europe/Berlin"));
      assert.ok(times.length <= most + 1, `${times.length} labels for ${span} s`);
      assert.ok(times.every((time, i) => !i || time > times[i - 1]));
    }
  }
});

test("steps are full in the zone, not in UTC", () => {
  const offset = 20_700; // five hours and three quarters
  const { step, times } = timeTicks(0, 7_200, 4, ahead(offset));
  assert.equal(step.count, 1_800);
  assert.ok(times.every((time) => (time + offset) % 1_800 === 0));
});

test("parts of a second have no rounding errors", () => {
  const { times } = timeTicks(100, 100.5, 5, ahead(0));
  assert.deepEqual(times, [100, 100.1, 100.2, 100.3, 100.4, 100.5]);
});

test("days begin at midnight, also when the clocks have changed", () => {
  const berlin = zoned("Europe/Berlin");
  const { step, times } = timeTicks(at("2026-10-23T12:00Z"), at("2026-10-27T12:00Z"), 5, berlin);
  assert.deepEqual(step, { unit: "day", count: 1 });
  assert.deepEqual(inUtc(times), [
    "2026-10-23T22:00", "2026-10-24T22:00", "2026-10-25T23:00", "2026-10-26T23:00",
  ]);
});

test("hours of the day are full on both sides of the change", () => {
  const berlin = zoned("Europe/Berlin");
  const { step, times } = timeTicks(at("2026-03-28T20:30Z"), at("2026-03-29T20:00Z"), 10, berlin);
  assert.deepEqual(step, { unit: "second", count: 10_800 });
  const hours = times.map((time) => ((time + berlin(time)) / 3_600) % 24);
  assert.deepEqual(hours, [0, 3, 6, 9, 12, 15, 18, 21]);
});

test("weeks begin on Monday, months on the first, years in January", () => {
  const weeks = timeTicks(at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z"), 5, ahead(0));
  assert.deepEqual(weeks.step, { unit: "day", count: 7 });
  assert.ok(weeks.times.every((time) => new Date(time * 1_000).getUTCDay() === 1));
  const newYork = zoned("America/New_York");
  const months = timeTicks(at("2026-01-15T00:00Z"), at("2026-07-15T00:00Z"), 8, newYork);
  assert.deepEqual(months.step, { unit: "month", count: 1 });
  assert.deepEqual(inUtc(months.times), [
    "2026-02-01T05:00", "2026-03-01T05:00", "2026-04-01T04:00", "2026-05-01T04:00",
    "2026-06-01T04:00", "2026-07-01T04:00",
  ]);
  const years = timeTicks(at("2016-06-01T00:00Z"), at("2026-06-01T00:00Z"), 6, ahead(0));
  assert.deepEqual(years.step, { unit: "year", count: 2 });
  assert.deepEqual(inUtc(years.times).map((text) => text.slice(0, 10)), [
    "2018-01-01", "2020-01-01", "2022-01-01", "2024-01-01", "2026-01-01",
  ]);
});

test("labels say the day at midnight and the year in January", () => {
  const labels = new TimeLabels("en-GB", "Europe/Berlin");
  const hours = /** @type {const} */ ({ unit: "second", count: 3_600 });
  const months = /** @type {const} */ ({ unit: "month", count: 1 });
  assert.equal(labels.label(at("2026-10-25T22:00Z"), hours), "23:00");
  assert.equal(labels.label(at("2026-10-25T23:00Z"), hours), "26 Oct");
  assert.equal(labels.label(at("2026-01-31T23:00Z"), months), "Feb");
  assert.equal(labels.label(at("2025-12-31T23:00Z"), months), "2026");
  assert.equal(labels.label(at("2025-12-31T23:00:05.250Z"), { unit: "second", count: 0.05 }), "00:05.250");
});

test("an axis holds its values, and none of them lies on an edge", () => {
  assert.deepEqual(niceRange(null, 0.4, 99.2, 8), { min: -5, max: 105, step: 20 });
  assert.deepEqual(niceRange(null, -3, 4, 5), { min: -3.5, max: 4.5, step: 2 });
  assert.deepEqual(niceRange(null, 0, 100, 8), { min: -5, max: 105, step: 20 });
});

test("labels stand on full steps, whatever the ends of the axis are", () => {
  assert.deepEqual(valueTicks({ min: -5, max: 105, step: 20 }), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(valueTicks({ min: -3.5, max: 4.5, step: 2 }), [-2, 0, 2, 4]);
});

test("an axis stays as long as the values fit it well", () => {
  const axis = niceRange(null, 0, 100, 8);
  assert.equal(niceRange(axis, 5, 80, 8), axis);
  assert.notEqual(niceRange(axis, 5, 106, 8), axis);
  assert.deepEqual(niceRange(axis, 5, 9, 4), { min: 4.75, max: 9.25, step: 1 });
});

test("flat, huge and tiny values get an axis too", () => {
  for (const [low, high] of [
    [21.5, 21.5],
    [0, 0],
    [-5, -5],
    [1e300, 1e300],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [0, Number.MIN_VALUE],
    [1e15, 1e15 + 1],
  ]) {
    const axis = niceRange(null, low, high, 5);
    assert.ok(axis.min < axis.max && axis.step > 0, `${low}..${high}: ${JSON.stringify(axis)}`);
    const ticks = valueTicks(axis);
    assert.ok(ticks.length >= 2 && ticks.length <= 12, `${low}..${high}: ${ticks.length} labels`);
    assert.ok(ticks.every(Number.isFinite));
  }
});
