import assert from "node:assert/strict";
import { test } from "node:test";

import { calendarRange, formatLocalInput, parseLocalInput } from "../view/localTime.js";
import { timeOf } from "./support/zones.js";

process.env.TZ = "Europe/Berlin";

test("an input has the local time and gives it back", () => {
  const time = timeOf("2026-11-28T01:02:03Z");
  assert.equal(formatLocalInput(time), "2026-11-28T02:02:03");
  assert.equal(parseLocalInput("2026-11-28T02:02:03"), time);
  assert.equal(parseLocalInput("2026-11-28T02:02"), time - 3);
  assert.equal(parseLocalInput(""), null);
});

test("a day begins at local midnight, also when the clock changes", () => {
  const now = timeOf("2026-10-26T09:00:00Z");
  const day = calendarRange("day", 1, now);
  assert.deepEqual(day, { from: timeOf("2026-10-24T22:00Z"), to: timeOf("2026-10-25T23:00Z") });
  assert.equal(calendarRange("day", 0, now).to, now);
});

test("a week begins on Monday and a month on its first day", () => {
  const now = timeOf("2026-03-01T12:00:00Z");
  const week = { from: timeOf("2026-02-15T23:00Z"), to: timeOf("2026-02-22T23:00Z") };
  assert.deepEqual(calendarRange("week", 1, now), week);
  const month = { from: timeOf("2026-01-31T23:00Z"), to: timeOf("2026-02-28T23:00Z") };
  assert.deepEqual(calendarRange("month", 1, now), month);
});
