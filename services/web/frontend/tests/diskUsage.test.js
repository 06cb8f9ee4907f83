import assert from "node:assert/strict";
import { test } from "node:test";

import { describeShortage, describeUsage } from "../page/status/diskUsage.js";

const NOW = 1_795_342_272;
const DAY = 86_400;
const STORAGE = { low: false, size: 1.26e9, free: 76.5e9, per_day: 25.4e6, full_at: null };

/** As the language of the machine would write it. @param {number} value @param {string} unit */
const told = (value, unit) =>
  value.toLocaleString(undefined, { style: "unit", unit, maximumFractionDigits: 1 });

const FREE = told(76.5, "gigabyte");

test("it is said how large the database is and how it grows", () => {
  assert.equal(
    describeUsage(STORAGE, NOW),
    `The database takes ${told(1.3, "gigabyte")}, and grows by ${told(25.4, "megabyte")} a day.` +
      ` Its disk has ${FREE} left.`,
  );
});

test("what is not known is left out", () => {
  assert.equal(
    describeUsage({ ...STORAGE, per_day: null }, NOW),
    `The database takes ${told(1.3, "gigabyte")}. Its disk has ${FREE} left.`,
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
    assert.ok(describeUsage(storage, NOW).endsWith(`has ${FREE} left, enough for ${text}.`));
  });
}

test("of a disk that gets full it is said what is left, and what it means", () => {
  const storage = { ...STORAGE, low: true, free: 4.2e8, full_at: NOW + 3 * DAY };
  const left = `${told(420, "megabyte")} are left`;
  assert.equal(
    describeShortage(storage, NOW),
    `${left}, enough for 3 days at this rate. When nothing is left, new readings can't be stored.`,
  );
  assert.ok(describeShortage({ ...storage, full_at: null }, NOW).startsWith(`${left}. When`));
});

test("small and huge sizes", () => {
  const takes = (/** @type {number} */ size) => describeUsage({ ...STORAGE, size }, NOW);
  assert.ok(takes(500).startsWith(`The database takes ${told(0.5, "kilobyte")},`));
  assert.ok(takes(4e12).startsWith(`The database takes ${told(4, "terabyte")},`));
});
