import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses } from "../feed/addresses.js";
import { IncreaseLoader } from "../feed/increaseLoader.js";
import { Series } from "../store/series.js";
import { settle } from "./support/server.js";

const HOUR_SECONDS = 3_600;
/** A full hour. */
const NOW = 500_000 * HOUR_SECONDS;
const WINDOW = { from: NOW - 4 * HOUR_SECONDS, to: NOW };

/** Create a loader for one meter, and a server that answers each request. */
function createLoader(findShift = () => /** @type {number | null} */ (0)) {
  const server = { isUp: true, requests: /** @type {URL[]} */ ([]), changes: 0 };
  const fetchJson = async (/** @type {string} */ address) => {
    server.requests.push(new URL(address));
    await settle();
    if (!server.isUp) throw new Error("refused");
    const meter = { unit: "kWh", t: [WINDOW.from], increase: [1], total: 1 };
    return { from: WINDOW.from, to: WINDOW.to, series: { meter } };
  };
  const addresses = new Addresses("http://host/", "/");
  const loader = new IncreaseLoader({ addresses, fetchJson }, null, () => server.changes++, findShift);
  const meter = new Series("meter");
  const update = async (/** @type {number} */ now, window = WINDOW, series = [meter]) => {
    loader.update(window, series, now);
    for (let i = 0; i < 5; i++) await settle();
    return server.requests.length;
  };
  return { loader, server, meter, update };
}

test("the first window loads its periods with a margin, and the day so far", async () => {
  const { loader, server, update } = createLoader();
  assert.equal(await update(NOW), 2);
  const [bars, today] = server.requests.map(({ searchParams }) => searchParams);
  assert.equal(bars.get("per"), "hour");
  assert.equal(Number(bars.get("from")), NOW - 6 * HOUR_SECONDS);
  assert.equal(Number(bars.get("to")), NOW);
  assert.equal(today.get("per"), "day");
  assert.equal(loader.increases.bars("meter", WINDOW.from, NOW).length, 1);
  assert.deepEqual([loader.busy, server.changes], [false, 1]);
});

test("a counter that stays as it is loads nothing again", async () => {
  const { update } = createLoader();
  await update(NOW);
  assert.equal(await update(NOW + 60), 2);
});

test("a counter that grows loads again, but not more often than every 5 s", async () => {
  const { meter, update } = createLoader();
  await update(NOW);
  meter.addReadings([NOW], [1]);
  assert.equal(await update(NOW + 4), 2);
  assert.equal(await update(NOW + 5), 4);
});

test("a window before what is loaded, and other periods, load at once", async () => {
  const { server, update } = createLoader();
  await update(NOW);
  const earlier = { from: NOW - 8 * HOUR_SECONDS, to: NOW - 4 * HOUR_SECONDS };
  assert.equal(await update(NOW + 1, earlier), 4);
  const month = { from: NOW - 30 * 24 * HOUR_SECONDS, to: NOW };
  assert.equal(await update(NOW + 2, month), 6);
  assert.equal(server.requests[4].searchParams.get("per"), "day");
});

test("a failed request is repeated after 10 s", async () => {
  const { loader, server, update } = createLoader();
  server.isUp = false;
  await update(NOW);
  assert.deepEqual([loader.isAway, loader.busy], [true, false]);
  assert.equal(await update(NOW + 9), 2);
  server.isUp = true;
  assert.equal(await update(NOW + 10), 4);
  assert.equal(loader.isAway, false);
});

test("an earlier time is loaded in periods of the present, and again after a minute", async () => {
  const state = { shift: /** @type {number | null} */ (null) };
  const { loader, server, meter, update } = createLoader(() => state.shift);
  assert.equal(await update(NOW), 0);
  state.shift = 24 * HOUR_SECONDS;
  assert.equal(await update(NOW), 2);
  const [bars, today] = server.requests.map(({ searchParams }) => searchParams);
  assert.deepEqual([bars, today].map((query) => query.get("shift")), ["86400", "86400"]);
  // All of the earlier hour is known, although the present one is not finished.
  assert.equal(Number(bars.get("to")), NOW + 2 * HOUR_SECONDS + HOUR_SECONDS);
  assert.equal(loader.increases.today("meter"), 1);
  meter.addReadings([NOW], [1]);
  assert.equal(await update(NOW + 59), 2);
  assert.equal(await update(NOW + 60), 4);
  state.shift = null;
  assert.equal(await update(NOW + 61), 4);
  assert.equal(loader.increases.hasBars, false);
});

test("an answer for another earlier time is dropped", async () => {
  const state = { shift: /** @type {number | null} */ (24 * HOUR_SECONDS) };
  const { loader, meter, update } = createLoader(() => state.shift);
  loader.update(WINDOW, [meter], NOW);
  state.shift = 7 * 24 * HOUR_SECONDS;
  loader.update(WINDOW, [meter], NOW);
  for (let i = 0; i < 5; i++) await settle();
  assert.equal(loader.increases.isLoaded, false);
  assert.equal(await update(NOW), 4);
  assert.ok(loader.increases.isLoaded);
});

test("a panel without series loads nothing", async () => {
  const { update } = createLoader();
  assert.equal(await update(NOW, WINDOW, []), 0);
});
