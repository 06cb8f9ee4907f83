import assert from "node:assert/strict";
import test from "node:test";

import { Addresses } from "../feed/addresses.js";
import { GhostLoader } from "../feed/ghostLoader.js";
import { heldAt } from "../store/heldValues.js";
import { RateSeries } from "../store/rateSeries.js";
import { rawHistory } from "./support/history.js";

const DAY = 86_400;
const NOW = 10 * DAY;
const SERIES = [{ name: "room", kind: "measure", unit: "°C" }];

/** Return a loader whose requests are answered by hand. */
function createLoader() {
  const requests = /** @type {any[]} */ ([]);
  const fetchJson = (/** @type {string} */ address, /** @type {AbortSignal} */ signal) => {
    const query = new URL(address).searchParams;
    const [from, to] = ["from", "to"].map((name) => Number(query.get(name)));
    return new Promise((resolve, reject) => {
      requests.push({ from, to, signal, resolve, reject });
    });
  };
  const changes = { count: 0 };
  const server = { addresses: new Addresses("http://host/", "./"), fetchJson };
  const loader = new GhostLoader(server, () => changes.count++);
  return { loader, requests, changes };
}

/** What is compared in a live window of 100 s. */
function request(now = NOW, { span = 100, series = SERIES, shift = DAY, resetCount = 0 } = {}) {
  const view = { from: now - span, to: now, now };
  return { shift, series, view, columnSeconds: span / 100, resetCount };
}

const answer = (/** @type {number[]} */ t, /** @type {number[]} */ value) => ({
  series: { room: rawHistory(t, value) },
});

/** Let the loader handle its answer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Return a loader with readings of a day ago in its window. */
async function createLoaded() {
  const made = createLoader();
  made.loader.update(request());
  made.requests[0].resolve(answer([NOW - DAY - 50, NOW - DAY - 40], [20, 21]));
  await settle();
  return made;
}

test("a state holds its value from before the moved window", async () => {
  const { loader, requests } = createLoader();
  const door = { name: "door", kind: "state", unit: null };
  loader.update(request(NOW, { series: [door] }));
  const opened = { ...rawHistory([NOW - DAY - 50], [1]), before: { t: NOW - 2 * DAY, value: 0 } };
  requests[0].resolve({ series: { door: opened } });
  await settle();
  const ghost = /** @type {any} */ (loader.ghostOf("door"));
  assert.deepEqual([-90, -50, 20].map((ago) => heldAt(ghost, NOW + ago)?.value), [0, 1, 1]);
  assert.equal(heldAt(ghost, NOW - 90)?.since, NOW - DAY);
  assert.ok(loader.hasReadings);
});

test("the moved window and its margins are loaded, and moved to the present", async () => {
  const { loader, requests, changes } = await createLoaded();
  const [{ from, to }] = requests;
  assert.deepEqual([from, to], [NOW - DAY - 125, NOW - DAY + 25]);
  const ghost = loader.ghostOf("room");
  assert.equal(ghost?.nearest(NOW - 49, 5)?.value, 20);
  assert.deepEqual(ghost?.summary(NOW - 100, NOW), { min: 20, max: 21, mean: 20.5, count: 2 });
  assert.equal(changes.count, 1);
});

test("only a window that leaves the loaded one is loaded again, in its place", async () => {
  const { loader, requests } = await createLoaded();
  const ghost = loader.ghostOf("room");
  loader.update(request(NOW + 20));
  assert.equal(requests.length, 1);
  loader.update(request(NOW + 30));
  assert.equal(requests.length, 2);
  // The line stays until the answer comes.
  assert.equal(loader.ghostOf("room")?.summary(0, 2 * NOW)?.count, 2);
  requests[1].resolve(answer([NOW - DAY], [22]));
  await settle();
  assert.equal(loader.ghostOf("room"), ghost);
  assert.equal(ghost?.summary(0, 2 * NOW)?.count, 1);
});

test("a zoom, other series and a correction load again", async () => {
  const other = [{ name: "hall", kind: "measure", unit: "°C" }];
  for (const change of [{ span: 30 }, { span: 300 }, { series: other }, { resetCount: 1 }]) {
    const { loader, requests } = await createLoaded();
    loader.update(request(NOW, change));
    assert.equal(requests.length, 2, JSON.stringify(change));
  }
});

test("another shift ends the old request, whose answer is not used", async () => {
  const { loader, requests, changes } = createLoader();
  loader.update(request());
  loader.update(request(NOW, { shift: 7 * DAY }));
  assert.equal(requests[0].signal.aborted, true);
  requests[0].resolve(answer([NOW - DAY - 50], [20]));
  await settle();
  assert.equal(loader.ghostOf("room"), null);
  assert.equal(changes.count, 0);
  requests[1].resolve(answer([NOW - 7 * DAY - 50], [19]));
  await settle();
  assert.equal(loader.ghostOf("room")?.nearest(NOW - 50, 1)?.value, 19);
});

test("a failed request leaves no ghost, and is repeated later", async () => {
  const { loader, requests, changes } = await createLoaded();
  loader.update(request(NOW + 30));
  requests[1].reject(new Error("the server is away"));
  await settle();
  assert.equal(loader.failed, true);
  assert.equal(loader.ghostOf("room"), null);
  assert.equal(changes.count, 2);
  loader.update(request(NOW + 31));
  assert.equal(requests.length, 2);
  loader.update(request(NOW + 41));
  loader.update(request(NOW + 42));
  assert.equal(requests.length, 3);
});

test("a shift that is shorter than the margin reaches up to now", () => {
  const { loader, requests } = createLoader();
  loader.update(request(NOW, { shift: 60, span: 3_600 }));
  assert.equal(requests[0].to, NOW);
  loader.update(request(NOW + 59, { shift: 60, span: 3_600 }));
  assert.equal(requests.length, 1);
  loader.update(request(NOW + 61, { shift: 60, span: 3_600 }));
  assert.equal(requests.length, 2);
});

test("a ghost of a counter has a rate", async () => {
  const { loader } = await createLoaded();
  const rate = new RateSeries(/** @type {any} */ (loader.ghostOf("room")));
  assert.equal(rate.nearest(NOW - 40, 1)?.value, 360);
  assert.equal(rate.unit, "°C/h");
});
