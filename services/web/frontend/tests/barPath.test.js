import assert from "node:assert/strict";
import { test } from "node:test";

import { firstBarAfter } from "../chart/barPath.js";

const BARS = [0, 10, 30].map((start) => ({ start, end: start + 10, increase: 1 }));

test("the first bar after a time is one that has not ended by then", () => {
  assert.deepEqual([-5, 0, 9, 10, 20, 25, 39, 40, 99].map((time) => firstBarAfter(BARS, time)), [
    0, 0, 0, 1, 2, 2, 2, 3, 3,
  ]);
  assert.equal(firstBarAfter([], 5), 0);
});
