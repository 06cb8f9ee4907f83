import assert from "node:assert/strict";
import { test } from "node:test";

import { formatAge, formatTick, formatValue, TimeFormat, withUnit } from "../format.js";

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
  assert.equal(withUnit(21.5, "°C"), `${plain(21.5, 1)} °C`);
  assert.equal(withUnit(7, null), "7");
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

test("time labels show what their step needs", () => {
  const format = new TimeFormat("UTC");
  assert.match(format.tick(1_793_760_010, 10), /\b..:00:10\b|:..:10/);
  assert.doesNotMatch(format.tick(1_793_760_000, 60), /:\d\d:/);
  assert.match(format.moment(1_793_760_010.25), /10.25/);
});
