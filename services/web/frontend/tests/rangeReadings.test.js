import assert from "node:assert/strict";
import { test } from "node:test";

import { loadReadings } from "../page/selection/rangeReadings.js";
import { rawHistory } from "./support/history.js";

/**
 * Return a history of readings at whole seconds as a server answers it: as one bucket if there are
 * more than 10,000.
 *
 * @param {{ from: number, to: number }} range
 */
async function load({ from, to }) {
  const t = Array.from({ length: 30_001 }, (_, i) => i).filter((i) => i >= from && i <= to);
  if (t.length <= 10_000) return { series: { a: rawHistory(t, t) } };
  const bucket = {
    unit: null, tier: "raw", bucket: 86_400, t: [0], min: [0], max: [1], mean: [0.5],
    count: [t.length],
  };
  return { series: { a: bucket } };
}

test("readings that do not fit into one answer are loaded in parts, each once", async () => {
  const rows = await loadReadings("a", { from: 0, to: 30_000 }, load);
  assert.deepEqual(rows.map(({ time }) => time), Array.from({ length: 30_001 }, (_, i) => i));
  assert.ok(rows.every(({ bucketSeconds }) => bucketSeconds === 0));
});

test("a series that the server does not have has no readings", async () => {
  assert.deepEqual(await loadReadings("b", { from: 0, to: 10 }, load), []);
});
