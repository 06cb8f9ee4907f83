import assert from "node:assert/strict";
import { test } from "node:test";

import { determineHealth, findProblem, isStale } from "../page/status/health.js";
import { HistoryColumns } from "../store/historyColumns.js";
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

test("with an unknown interval a series becomes stale after 15 minutes", () => {
  const series = new Series("a");
  assert.equal(isStale(series, 0), true);
  series.addReadings([0], [1]);
  assert.equal(isStale(series, 890), false);
  assert.equal(isStale(series, 910), true);
});

test("a series that was quiet before its only reading may stay quiet as long", () => {
  const series = new Series("a");
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t: [2_000], value: [1] }, 0);
  assert.equal(isStale(series, 2_000 + 1_900), false);
  assert.equal(isStale(series, 2_000 + 2_100), true);
});

test("a sensor that sends every two minutes is not late after 84 s, also right after loading", () => {
  const series = new Series("a");
  const t = [20, 140, 260];
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t, value: [1, 2, 3] }, 0);
  assert.equal(isStale(series, 260 + 84), false);
  const sparse = new Series("b");
  const times = { t: t.slice(1), value: [2, 3] };
  sparse.replaceNewest({ unit: null, tier: "raw", bucket: null, ...times }, 100);
  assert.equal(isStale(sparse, 260 + 84), false);
  assert.equal(isStale(sparse, 260 + 700), true);
});

test("the interval is also known from loaded buckets", () => {
  const series = new Series("a");
  const t = [0, 600, 1_200, 1_800];
  const ones = t.map(() => 1);
  const history = { unit: null, tier: "60", bucket: 60, t, min: ones, max: ones, mean: ones, count: ones };
  series.setListedNewest({ time: 1_800, value: 1 });
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t: [], value: [] }, 2_000);
  series.addHistory(new HistoryColumns(history, 0, 2_000, 60));
  assert.equal(isStale(series, 1_800 + 850), false);
  assert.equal(isStale(series, 1_800 + 1_000), true);
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
