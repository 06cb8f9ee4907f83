import assert from "node:assert/strict";
import test from "node:test";

import { formatShift, parseShift, shiftText } from "../view/timeShift.js";

test("a shift has a number and a unit", () => {
  const shifts = ["1d", "3 h", "2 weeks", " 90min ", "1.5 H", "1,5 hours", "7 days", "120 s"];
  const seconds = [86_400, 10_800, 1_209_600, 5_400, 5_400, 5_400, 604_800, 120];
  assert.deepEqual(shifts.map(parseShift), seconds);
});

test("a shift that is none, too short or too long is refused", () => {
  const texts = ["", "3", "h", "-1 d", "0 d", "59 s", "11000 d", "1e3 d", "yesterday", "1 y"];
  for (const text of texts) assert.equal(parseShift(text), null, text);
});

test("a shift is written in its largest whole unit, and read again", () => {
  const shifts = { "1d": "1 day ago", "7d": "7 days ago", "2w": "2 weeks ago", "90m": "90 minutes ago" };
  for (const [text, words] of Object.entries(shifts)) {
    const seconds = parseShift(text) ?? NaN;
    assert.equal(formatShift(seconds), text);
    assert.equal(shiftText(seconds), words);
  }
});
