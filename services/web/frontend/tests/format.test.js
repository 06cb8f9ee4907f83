import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatAge,
  formatDelay,
  formatDuration,
  formatToParts,
  formatWithUnit,
  TimeFormat,
} from "../format.js";
import { formatValue } from "../numberFormat.js";

/**
 * Format a number with these decimals, in the language of the machine.
 *
 * @param {number} value
 * @param {number} decimals
 */
const localized = (value, decimals) =>
  value.toLocaleString(undefined, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });

test("a value has about four significant digits, and no more decimals than were sent", () => {
  assert.equal(formatValue(42.17384), localized(42.17, 2));
  assert.equal(formatValue(21.5), localized(21.5, 1));
  assert.equal(formatValue(42.1034), localized(42.1, 2));
  assert.equal(formatValue(7), "7");
  assert.equal(formatValue(0), "0");
  assert.equal(formatValue(-0.012345), localized(-0.0123, 4));
  assert.equal(formatValue(123456.789), localized(123456.8, 1));
  assert.match(formatValue(1.5e300), /E300$/);
  assert.match(formatValue(5e-324), /E-324$/);
  assert.equal(formatWithUnit(21.5, "°C"), `${localized(21.5, 1)} °C`);
  assert.equal(formatWithUnit(7, null), "7");
});

test("a unit has the prefix that is common for its value", () => {
  assert.equal(formatWithUnit(1_234.5, "W"), `${localized(1.23, 2)} kW`);
  assert.equal(formatWithUnit(-2_500_000, "W"), `${localized(-2.5, 1)} MW`);
  assert.equal(formatWithUnit(0.0125, "A"), `${localized(12.5, 1)} mA`);
  assert.equal(formatWithUnit(0.5, "V"), `${localized(0.5, 1)} V`);
  assert.equal(formatWithUnit(0, "V"), "0 V");
  assert.equal(formatWithUnit(1_500_000, "B"), `${localized(1.5, 1)} MB`);
  assert.equal(formatWithUnit(0.000_25, "s"), "250 µs");
  assert.deepEqual(formatToParts(1_234.5, "W"), { number: localized(1.23, 2), unit: "kW" });
  assert.equal(formatWithUnit(999.9999, "W"), `${localized(1, 3)} kW`);
});

test("a unit that takes no prefix stays as it was sent", () => {
  assert.equal(formatWithUnit(1_013.25, "hPa"), `${localized(1_013.3, 1)} hPa`);
  assert.equal(formatWithUnit(0.05, "%"), `${localized(0.05, 2)} %`);
  assert.equal(formatWithUnit(7_200, "s"), `${localized(7_200, 0)} s`);
  assert.equal(formatWithUnit(0.5, "B"), `${localized(0.5, 1)} B`);
  assert.equal(formatWithUnit(1_200, "<b>"), `${localized(1_200, 0)} <b>`);
});

test("a delay below 1 s is in milliseconds", () => {
  assert.equal(formatDelay(0.0123), "12 ms");
  assert.equal(formatDelay(-0.2), "0 ms");
  assert.equal(formatDelay(1.26), `${localized(1.3, 1)} s`);
  assert.equal(formatDelay(75), "75 s");
});

test("an age is in a unit in which it is short", () => {
  assert.equal(formatAge(-1.9), "just now");
  assert.equal(formatAge(-3), "3 s ahead");
  assert.equal(formatAge(-300.5), "5 min ahead");
  assert.equal(formatAge(12.9), "12 s ago");
  assert.equal(formatAge(600), "10 min ago");
  assert.equal(formatAge(7_200), "2 h ago");
  assert.equal(formatAge(864_000), "10 d ago");
});

test("a duration is in the largest unit of which it has at least one", () => {
  assert.equal(formatDuration(0.5), `${localized(0.5, 1)} s`);
  assert.equal(formatDuration(90), `${localized(1.5, 1)} min`);
  assert.equal(formatDuration(86_400), "1 d");
});

test("a range has its date once, and its year only if it is not the current one", () => {
  const format = new TimeFormat("UTC");
  const range = format.range(1_793_750_400, 1_793_750_700, 1_795_000_000);
  assert.match(range, /00:00/);
  assert.match(range, /05:00/);
  assert.equal(range.match(/Nov/g)?.length ?? 1, 1);
  assert.doesNotMatch(range, /2026/);
  assert.match(format.range(1_793_750_400, 1_793_750_700, 1_895_000_000), /2026/);
});

test("a range of whole days is named by its dates", () => {
  const format = new TimeFormat("UTC");
  const day = 86_400;
  const friday = 1_795_737_600;
  assert.match(format.range(friday, friday + day, friday), /Fri.*Nov.*27|Fri.*27.*Nov/);
  assert.doesNotMatch(format.range(friday, friday + day, friday), /28|00|2026/);
  assert.match(format.range(friday, friday + day, friday + 400 * day), /2026/);
  const week = format.range(friday - 4 * day, friday + 3 * day, friday);
  assert.match(week, /23/);
  assert.match(week, /29/);
  assert.doesNotMatch(week, /30|00/);
  assert.match(format.range(friday, friday + day + 1, friday), /00:01/);
});

test("a time has milliseconds unless the precision is coarse", () => {
  const format = new TimeFormat("UTC");
  assert.match(format.dateTime(1_793_760_010.25), /10.25/);
  assert.doesNotMatch(format.dateTime(1_793_760_010.25, 3), /10.25/);
});
