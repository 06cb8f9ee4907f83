import assert from "node:assert/strict";
import { test } from "node:test";

import { determineHealth, findProblem, isStale } from "../page/status/health.js";
import { Series } from "../store/series.js";

const GOOD = { ok: true };
const READY = { redis: GOOD, database: GOOD, writer: GOOD };
const WELL = /** @type {const} */ ({
  connection: "live",
  wasLive: false,
  isRefused: false,
  readiness: READY,
  hasReadings: true,
  stale: false,
  windowLive: true,
});

/** @param {Partial<Parameters<typeof determineHealth>[0]>} facts */
const healthText = (facts) => {
  const { health, text } = determineHealth({ ...WELL, ...facts });
  return `${health}: ${text}`;
};

test("the page is live only if every component is well", () => {
  assert.equal(healthText({}), "ok: Live");
  assert.equal(healthText({ readiness: null }), "ok: Live");
  assert.equal(healthText({ connection: "offline" }), "error: Server unreachable");
  assert.equal(healthText({ connection: "offline", isRefused: true }), "error: Refused");
  assert.equal(healthText({ connection: "connecting" }), "waiting: Connecting");
  assert.equal(healthText({ connection: "connecting", wasLive: true }), "waiting: Reconnecting");
  assert.equal(healthText({ readiness: { ...READY, redis: { ok: false } } }), "error: Redis unreachable");
  assert.equal(healthText({ readiness: { ...READY, database: { ok: false } } }), "error: Database unavailable");
  assert.equal(healthText({ readiness: { ...READY, writer: { ok: false } } }), "error: Not stored");
});

test("a good connection without new readings is not live", () => {
  assert.equal(healthText({ stale: true }), "waiting: No new readings");
  assert.equal(healthText({ hasReadings: false }), "waiting: No readings");
});

/** Age up to which a series with this interval is not stale. @param {number} interval @param {number} count */
const freshSeconds = (interval, count) => {
  const series = new Series("a");
  for (let i = 0; i < count; i++) series.addReadings([i * interval], [1]);
  const end = (count - 1) * interval;
  return [14, 16, 59, 61, 499, 501].findLast((age) => !isStale(series, end + age));
};

test("a series with rare readings becomes stale later", () => {
  assert.equal(freshSeconds(1, 100), 14);
  assert.equal(freshSeconds(100, 100), 499);
});

test("with an unknown interval a series becomes stale after a minute", () => {
  assert.equal(freshSeconds(1, 1), 59);
  assert.equal(isStale(new Series("a"), 0), true);
});

test("a paused window is shown unless there is a problem", () => {
  assert.equal(healthText({ windowLive: false }), "paused: Paused");
  assert.equal(healthText({ windowLive: false, stale: true }), "waiting: No new readings");
});

test("a Redis that answers but accepts no readings is described with its reason", () => {
  const redis = { ok: false, answers: true, error: "Redis is out of memory" };
  assert.equal(healthText({ readiness: { ...READY, redis } }), "error: Not accepted");
  assert.match(findProblem({ ...READY, redis })?.detail ?? "", /out of memory/);
});

test("a Redis that refuses a command is named also while the page connects", () => {
  const error = "Redis does not allow the user bob to use a channel";
  const redis = { ok: false, answers: true, refused: true, error };
  const readiness = { ...READY, redis };
  assert.equal(healthText({ connection: "connecting", readiness }), "error: Refused by Redis");
  assert.match(findProblem(readiness)?.detail ?? "", /the user bob/);
});

test("a problem of the writer is described with its reason", () => {
  const writer = { ok: false, error: "the oldest reading has waited for 25 s" };
  assert.match(findProblem({ ...READY, writer })?.detail ?? "", /has waited for 25 s/);
  assert.equal(findProblem(READY), null);
});
