import assert from "node:assert/strict";
import { test } from "node:test";

import { determineHealth, isStale, findProblem } from "../page/status/health.js";
import { Series } from "../store/series.js";

const GOOD = { ok: true };
const READY = { redis: GOOD, database: GOOD, writer: GOOD };
const WELL = /** @type {const} */ ({
  connection: "live", wasLive: false, readiness: READY, hasReadings: true, stale: false, windowLive: true,
});

/** @param {Partial<Parameters<typeof determineHealth>[0]>} facts */
const told = (facts) => {
  const { health, text } = determineHealth({ ...WELL, ...facts });
  return `${health}: ${text}`;
};

test("only what is well in every part is called live", () => {
  assert.equal(told({}), "ok: Live");
  assert.equal(told({ readiness: null }), "ok: Live");
  assert.equal(told({ connection: "offline" }), "error: Server away");
  assert.equal(told({ connection: "connecting" }), "waiting: Connecting");
  assert.equal(told({ connection: "connecting", wasLive: true }), "waiting: Reconnecting");
  assert.equal(told({ readiness: { ...READY, redis: { ok: false } } }), "error: Redis away");
  assert.equal(told({ readiness: { ...READY, database: { ok: false } } }), "error: No database");
  assert.equal(told({ readiness: { ...READY, writer: { ok: false } } }), "error: Not stored");
});

test("an old reading is not live, however good the connection is", () => {
  assert.equal(told({ stale: true }), "waiting: No new readings");
  assert.equal(told({ hasReadings: false }), "waiting: No readings");
});

/** How old a series of this interval may become. @param {number} interval @param {number} count */
const patience = (interval, count) => {
  const series = new Series("a", 0);
  for (let i = 0; i < count; i++) series.addReadings([i * interval], [1]);
  const end = (count - 1) * interval;
  return [14, 16, 59, 61, 499, 501].findLast((age) => !isStale(series, end + age));
};

test("what comes rarely may be older", () => {
  assert.equal(patience(1, 100), 14);
  assert.equal(patience(100, 100), 499);
});

test("as long as it is not known how often readings come, a minute is not long", () => {
  assert.equal(patience(1, 1), 59);
  assert.equal(isStale(new Series("a", 0), 0), true);
});

test("a paused window says so, unless something is wrong", () => {
  assert.equal(told({ windowLive: false }), "paused: Paused");
  assert.equal(told({ windowLive: false, stale: true }), "waiting: No new readings");
});

test("of a trouble the writer's own words are told", () => {
  const writer = { ok: false, error: "the oldest reading has waited for 25 s" };
  assert.match(findProblem({ ...READY, writer })?.detail ?? "", /has waited for 25 s/);
  assert.equal(findProblem(READY), null);
});
