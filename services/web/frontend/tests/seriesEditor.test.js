import assert from "node:assert/strict";
import { test } from "node:test";

import { erasableRange, errorText } from "../page/dialogs/seriesEditor.js";
import { Series } from "../store/series.js";

/** @param {number[]} times */
function series(...times) {
  const created = new Series("kitchen");
  created.addReadings(times, times);
  return created;
}

test("only a paused range with readings can be erased, up to now", () => {
  const view = { live: false, from: 10, to: 20, now: 15 };
  assert.deepEqual(erasableRange(series(12), view), { from: 10, to: 15 });
  assert.equal(erasableRange(series(12), { ...view, live: true }), null);
  assert.equal(erasableRange(series(5, 25), view), null);
  assert.equal(erasableRange(series(12), { ...view, now: 9 }), null);
  assert.deepEqual(erasableRange(series(12), { ...view, from: -5 }), { from: 0, to: 15 });
});

test("an error text gives the reason, or says what to do", () => {
  assert.match(errorText(400, "the unit is too long", null), /the unit is too long\.$/);
  assert.match(errorText(404, "no series", null), /no longer exists/);
  assert.match(errorText(409, "taken", null), /already exists/);
  assert.match(errorText(413, undefined, null), /too long/);
  assert.match(errorText(503, undefined, "5"), /in 5 s\.$/);
  assert.match(errorText(503, undefined, null), /later\.$/);
  assert.equal(errorText(405, undefined, null), "The server answered with status 405.");
});
