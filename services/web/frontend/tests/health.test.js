import assert from "node:assert/strict";
import { test } from "node:test";

import { healthOf, troubleOf } from "../page/health.js";

const GOOD = { ok: true };
const READY = { redis: GOOD, database: GOOD, writer: GOOD };
const WELL = /** @type {const} */ ({
  state: "live", back: false, ready: READY, age: 1, gap: 5, live: true,
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
  assert.equal(told({ age: 14 }), "well: Live");
  assert.equal(told({ age: 16 }), "quiet: No new readings");
  assert.equal(told({ age: null }), "quiet: No readings");
});

test("what comes rarely may be older", () => {
  assert.equal(told({ age: 250, gap: 300 }), "well: Live");
  assert.equal(told({ age: 301, gap: 300 }), "quiet: No new readings");
  assert.equal(told({ age: 50, gap: null }), "well: Live");
  assert.equal(told({ age: 61, gap: null }), "quiet: No new readings");
});

test("a paused window says so, unless something is wrong", () => {
  assert.equal(told({ live: false }), "paused: Paused");
  assert.equal(told({ live: false, age: 99 }), "quiet: No new readings");
});

test("of a trouble the writer's own words are told", () => {
  const writer = { ok: false, error: "the oldest reading has waited for 25 s" };
  assert.match(troubleOf({ ...READY, writer })?.detail ?? "", /has waited for 25 s/);
  assert.equal(troubleOf(READY), null);
});
