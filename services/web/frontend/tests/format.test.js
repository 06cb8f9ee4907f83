import assert from "node:assert/strict";
import { test } from "node:test";

import { formatAge, formatDelay, formatDuration, formatTick, formatValue, TimeFormat, formatWithUnit } from "../format.js";

/** As the language of the machine would write it. @param {number} value @param {number} digits */
const plain = (value, digits) =>
  value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });

test("values have about four digits that matter, and none that were not sent", () => {
  assert.equal(formatValue(42.17384), plain(42.17, 2));
  assert.equal(formatValue(21.5), plain(21.5, 1));
  assert.equal(formatValue(42.1034), plain(42.1, 2));
  assert.equal(formatValue(7), "7");
  assert.equal(formatValue(0), "0");
  assert.equal(formatValue(-0.012345), plain(-0.0123, 4));
  assert.equal(formatValue(123456.789), plain(123456.8, 1));
  assert.match(formatValue(1.5e300), /E300$/);
  assert.match(formatValue(5e-324), /E-324$/);
  assert.equal(formatWithUnit(21.5, "°C"), `${plain(21.5, 1)} °C`);
  assert.equal(formatWithUnit(7, null), "7");
});

test("a unit takes a prefix where people would use one", () => {
  assert.equal(formatWithUnit(1_234.5, "W"), `${plain(1.23, 2)} kW`);
  assert.equal(formatWithUnit(-2_500_000, "W"), `${plain(-2.5, 1)} MW`);
  assert.equal(formatWithUnit(0.0125, "A"), `${plain(12.5, 1)} mA`);
  assert.equal(formatWithUnit(0.5, "V"), `${plain(0.5, 1)} V`);
  assert.equal(formatWithUnit(0, "V"), "0 V");
  assert.equal(formatWithUnit(1_500_000, "B"), `${plain(1.5, 1)} MB`);
  assert.equal(formatWithUnit(0.000_25, "s"), "250 µs");
  assert.equal(formatWithUnit(999.9999, "W"), `${plain(1, 3)} kW`);
});

test("a unit that takes no prefix is left as it was sent", () => {
  assert.equal(formatWithUnit(1_013.25, "hPa"), `${plain(1_013.3, 1)} hPa`);
  assert.equal(formatWithUnit(0.05, "%"), `${plain(0.05, 2)} %`);
  assert.equal(formatWithUnit(7_200, "s"), `${plain(7_200, 0)} s`);
  assert.equal(formatWithUnit(0.5, "B"), `${plain(0.5, 1)} B`);
  assert.equal(formatWithUnit(1_200, "<b>"), `${plain(1_200, 0)} <b>`);
});

test("the labels of an axis share their prefix", () => {
  assert.deepEqual(
    [0, 500, 1_000].map((value) => formatTick(value, 500, "W", 1_500)),
    ["0", `${plain(0.5, 1)} kW`, `${plain(1, 1)} kW`],
  );
  assert.equal(formatTick(1_050, 50, "W", 1_200), `${plain(1.05, 2)} kW`);
  assert.equal(formatTick(80, 20, "W", 100), "80");
  assert.equal(formatTick(1_500, 500, "rpm", 2_000), plain(1_500, 0));
});

test("delays are in milliseconds where they are short", () => {
  assert.equal(formatDelay(0.0123), "12 ms");
  assert.equal(formatDelay(-0.2), "0 ms");
  assert.equal(formatDelay(1.26), `${plain(1.3, 1)} s`);
  assert.equal(formatDelay(75), "75 s");
});

test("an axis writes as many digits as its step needs", () => {
  assert.equal(formatTick(0.30000000000000004, 0.1), plain(0.3, 1));
  assert.equal(formatTick(101_325.02, 0.02), plain(101_325.02, 2));
  assert.equal(formatTick(20, 5), "20");
  assert.notEqual(formatTick(1_200_000, 200_000), formatTick(1_400_000, 200_000));
});

test("ages are in the unit that one would say", () => {
  assert.equal(formatAge(-3), "just now");
  assert.equal(formatAge(12.9), "12 s ago");
  assert.equal(formatAge(600), "10 min ago");
  assert.equal(formatAge(7_200), "2 h ago");
  assert.equal(formatAge(864_000), "10 d ago");
});

test("a length of time is in the greatest unit that it fills", () => {
  assert.equal(formatDuration(0.5), `${plain(0.5, 1)} s`);
  assert.equal(formatDuration(90), `${plain(1.5, 1)} min`);
  assert.equal(formatDuration(86_400), "1 d");
});

test("a range says its date once", () => {
  const format = new TimeFormat("UTC");
  const range = format.range(1_793_750_400, 1_793_750_700, 1_795_000_000);
  assert.match(range, /00:00/);
  assert.match(range, /05:00/);
  assert.equal(range.match(/Nov/g)?.length ?? 1, 1);
  assert.doesNotMatch(range, /2026/);
  assert.match(format.range(1_793_750_400, 1_793_750_700, 1_895_000_000), /2026/);
});

test("a moment is told to the millisecond where that matters", () => {
  const format = new TimeFormat("UTC");
  assert.match(format.dateTime(1_793_760_010.25), /10.25/);
  assert.doesNotMatch(format.dateTime(1_793_760_010.25, 3), /10.25/);
});
