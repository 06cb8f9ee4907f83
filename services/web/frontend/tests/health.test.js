import assert from "node:assert/strict";
import { test } from "node:test";

import { healthOf, isOld, troubleOf } from "../page/status/health.js";
import { Series } from "../store/series.js";

const GOOD = { ok: true };
const READY = { redis: GOOD, database: GOOD, writer: GOOD };
const WELL = /** @type {const} */ ({
  state: "live", back: false, ready: READY, some: true, old: false, live: true,
});

/** @param {Partial<Parameters<typeof healthOf>[0]>} facts */
const told = (facts) => {
  const { health, text } = healthOf({ ...WELL, ...facts });
  return `${health}: ${text}`;
};

test("only what is well in every part is called live", () => {
  assert.equal(told({}), "well: Live");
  assert.equal(told({ ready: null }), "well: Live");
  assert.equal(told({ state: "away" }), "bad: Server away");
  assert.equal(told({ state: "connecting" }), "quiet: Connecting");
  assert.equal(told({ state: "connecting", back: true }), "quiet: Reconnecting");
  assert.equal(told({ ready: { ...READY, redis: { ok: false } } }), "bad: Redis away");
  assert.equal(told({ ready: { ...READY, database: { ok: false } } }), "bad: No database");
  assert.equal(told({ ready: { ...READY, writer: { ok: false } } }), "bad: Not stored");
});

test("an old reading is not live, however good the connection is", () => {
  assert.equal(told({ old: true }), "quiet: No new readings");
  assert.equal(told({ some: false }), "quiet: No readings");
});

/** How old a series of this interval may become. @param {number} interval @param {number} count */
const patience = (interval, count) => {
  const series = new Series("a", 0);
  for (let i = 0; i < count; i++) series.addReadings([i * interval], [1]);
  const end = (count - 1) * interval;
  return [14, 16, 59, 61, 499, 501].findLast((age) => !isOld(series, end + age));
};

test("what comes rarely may be older", () => {
  assert.equal(patience(1, 100), 14);
  assert.equal(patience(100, 100), 499);
});

test("as long as it is not known how often readings come, a minute is not long", () => {
  assert.equal(patience(1, 1), 59);
  assert.equal(isOld(new Series("a", 0), 0), true);
});

test("a paused window says so, unless something is wrong", () => {
  assert.equal(told({ live: false }), "paused: Paused");
  assert.equal(told({ live: false, old: true }), "quiet: No new readings");
});

test("of a trouble the writer's own words are told", () => {
  const writer = { ok: false, error: "the oldest reading has waited for 25 s" };
  assert.match(troubleOf({ ...READY, writer })?.detail ?? "", /has waited for 25 s/);
  assert.equal(troubleOf(READY), null);
});
