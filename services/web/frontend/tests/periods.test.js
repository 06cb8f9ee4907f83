import assert from "node:assert/strict";
import { after, test } from "node:test";

import { choosePeriod, periodEnd, periodStart } from "../store/periods.js";

const DAY_SECONDS = 86_400;
const usualZone = process.env.TZ;
process.env.TZ = "Europe/Berlin";
after(() => {
  if (usualZone === undefined) delete process.env.TZ;
  else process.env.TZ = usualZone;
});

/** @param {string} text time in UTC */
const seconds = (text) => Date.parse(text) / 1_000;

test("longer windows have longer periods", () => {
  const periods = [1, 3, 4, 70, 71, 400, 401].map((days) => choosePeriod(days * DAY_SECONDS));
  assert.deepEqual(periods, ["hour", "hour", "day", "day", "week", "week", "month"]);
});

test("periods start at midnight, on Monday, and on the first, in the zone of the user", () => {
  const thursday = seconds("2026-01-15T12:34:56Z");
  const starts = /** @type {const} */ (["hour", "day", "week", "month"]).map((period) =>
    new Date(periodStart(thursday, period) * 1_000).toISOString().slice(0, 16),
  );
  const expected = ["2026-01-15T12:00", "2026-01-14T23:00", "2026-01-11T23:00", "2025-12-31T23:00"];
  assert.deepEqual(starts, expected);
});

test("a day has 23 hours when the clock goes forward, and 25 when it goes back", () => {
  for (const [noon, hours] of /** @type {[string, number][]} */ ([
    ["2026-03-29T12:00Z", 23],
    ["2026-10-25T12:00Z", 25],
    ["2026-06-01T12:00Z", 24],
  ])) {
    const start = periodStart(seconds(noon), "day");
    assert.equal(periodEnd(start, "day") - start, hours * 3_600);
  }
});

test("both hours that the clock shows as 02:00 are periods of their own", () => {
  const [first, second] = ["2026-10-25T00:30Z", "2026-10-25T01:30Z"].map((text) =>
    periodStart(seconds(text), "hour"),
  );
  assert.equal(second - first, 3_600);
  assert.equal(periodEnd(first, "hour"), second);
});

test("a period ends where the next one starts", () => {
  for (const period of /** @type {const} */ (["hour", "day", "week", "month"])) {
    let start = periodStart(seconds("2026-01-01T00:00Z"), period);
    for (let i = 0; i < 14; i++) {
      const end = periodEnd(start, period);
      assert.equal(periodStart(end - 1, period), start);
      assert.equal(periodStart(end, period), end);
      start = end;
    }
  }
});
