import assert from "node:assert/strict";
import { test } from "node:test";

import { formatRange, parseRange } from "../view/timeRange.js";

test("a formatted range parses to the same range", () => {
  for (const [text, range] of Object.entries({
    "5m": { span: 300 },
    "24h": { span: 86_400 },
    all: { span: Infinity },
    "90s": { span: 90 },
    "100..250.5": { from: 100, to: 250.5 },
  })) {
    assert.deepEqual(parseRange(text), range);
    assert.equal(formatRange(range), text);
  }
});

test("a length that is not a preset is a range", () => {
  assert.deepEqual(parseRange("15m"), { span: 900 });
});

test("an invalid range is null", () => {
  for (const text of ["", "5", "0s", "-5m", "9..3", "x..y", "5m "]) {
    assert.equal(parseRange(text), null);
  }
});
