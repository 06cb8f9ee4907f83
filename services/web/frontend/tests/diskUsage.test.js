import assert from "node:assert/strict";
import { test } from "node:test";

import { describeShortage, describeUsage } from "../page/status/diskUsage.js";

const NOW = 1_795_342_272;
const DAY = 86_400;
const STORAGE = { low: false, size: 1.26e9, free: 76.5e9, per_day: 25.4e6, full_at: null };

/** Format a size in the language of this machine. @param {number} value @param {string} unit */
const formatted = (value, unit) =>
  value.toLocaleString(undefined, { style: "unit", unit, maximumFractionDigits: 1 });

const FREE = formatted(76.5, "gigabyte");

test("usage is described with size, growth and free space", () => {
  assert.equal(
    describeUsage(STORAGE, NOW),
    `The database has ${formatted(1.3, "gigabyte")} and grows by ${formatted(25.4, "megabyte")} a day.` +
      ` Its disk has ${FREE} free.`,
  );
});

test("unknown growth is left out", () => {
  assert.equal(
    describeUsage({ ...STORAGE, per_day: null }, NOW),
    `The database has ${formatted(1.3, "gigabyte")}. Its disk has ${FREE} free.`,
  );
});

for (const [days, text] of /** @type {[number, string][]} */ ([
  [0.01, "0 hours"],
  [1.5, "36 hours"],
  [6.9, "6 days"],
  [100, "3 months"],
  [800, "2 years"],
])) {
  test(`the disk is enough for ${text}`, () => {
    const storage = { ...STORAGE, full_at: NOW + days * DAY };
    assert.ok(describeUsage(storage, NOW).endsWith(`has ${FREE} free, enough for ${text}.`));
  });
}

test("a shortage is described with the free space and advice", () => {
  const storage = { ...STORAGE, low: true, free: 4.2e8, full_at: NOW + 3 * DAY };
  const left = `It has ${formatted(420, "megabyte")} left`;
  assert.equal(
    describeShortage(storage, NOW),
    `${left}, enough for 3 days at this rate. Free some space: a full disk stores no new readings.`,
  );
  assert.ok(describeShortage({ ...storage, full_at: null }, NOW).startsWith(`${left}. Free some space`));
});

test("sizes below a kilobyte and above a terabyte have fitting units", () => {
  const described = (/** @type {number} */ size) => describeUsage({ ...STORAGE, size }, NOW);
  assert.ok(described(500).startsWith(`The database has ${formatted(0.5, "kilobyte")} and`));
  assert.ok(described(4e12).startsWith(`The database has ${formatted(4, "terabyte")} and`));
});
