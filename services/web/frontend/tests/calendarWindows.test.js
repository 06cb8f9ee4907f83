import assert from "node:assert/strict";
import test from "node:test";

import { parseWindow } from "../view/calendarWindows.js";

const NOW = new Date(2026, 10, 26, 9, 30).getTime() / 1_000;
const midnight = (/** @type {number} */ day) => new Date(2026, 10, day).getTime() / 1_000;

test("a name of the calendar is the range that it has now", () => {
  assert.deepEqual(parseWindow("today", NOW), { span: 9.5 * 3_600, since: "day" });
  assert.deepEqual(parseWindow("yesterday", NOW), { from: midnight(25), to: midnight(26) });
  assert.deepEqual(parseWindow("this-week", NOW), { span: NOW - midnight(23), since: "week" });
});

test("lengths and fixed ranges are windows, too, and other words are not", () => {
  assert.deepEqual(parseWindow("90m", NOW), { span: 5_400 });
  assert.deepEqual(parseWindow("10..20", NOW), { from: 10, to: 20 });
  assert.equal(parseWindow("tomorrow", NOW), null);
});
