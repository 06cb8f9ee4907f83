import assert from "node:assert/strict";
import { test } from "node:test";

import { compareNaturally, sortNaturally } from "../page/naturalOrder.js";

test("names with numbers are in the order of their numbers", () => {
  const names = ["cpu10", "cpu2", "Älter", "alt", "cpu1", "Zebra", "cpu02"];
  const expected = ["alt", "Älter", "cpu1", "cpu02", "cpu2", "cpu10", "Zebra"];
  assert.deepEqual(sortNaturally(names, (name) => name), expected);
  assert.deepEqual(names.toSorted(compareNaturally), expected);
});

test("names of the same natural order have a fixed order", () => {
  assert.ok(compareNaturally("A", "a") < 0);
  assert.ok(compareNaturally("a", "A") > 0);
  assert.equal(compareNaturally("a", "a"), 0);
});
