import assert from "node:assert/strict";
import { test } from "node:test";
import { Addresses } from "../feed/addresses.js";
import { OverviewSeries } from "../page/overview/overviewSeries.js";
import { SparklineLoader } from "../page/overview/sparklineLoader.js";

const addresses = new Addresses("http://server/", "./");

/** A loader whose requests a test answers. */
function makeLoader() {
  const clock = { now: 1_000_000 };
  const requests = [];
  const loaded = [];
  const fetchJson = (address) =>
    new Promise((resolve) => {
      const query = new URL(address).searchParams;
      const answer = () => resolve({ from: Number(query.get("from")), to: clock.now, series: {} });
      requests.push({ query, names: query.getAll("series"), answer });
    });
  const now = () => clock.now;
  const onLoad = ({ name }) => loaded.push(name);
  const loader = new SparklineLoader({ addresses, fetchJson, now, onLoad });
  return { loader, clock, requests, loaded };
}

const makeSeries = (count) =>
  Array.from({ length: count }, (_, i) => new OverviewSeries({ name: `s${i}`, unit: null }));
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("visible series are loaded forty at a time, in at most two requests", async () => {
  const { loader, requests, loaded } = makeLoader();
  const series = makeSeries(100);
  loader.load(series);
  loader.load(series);
  assert.deepEqual(requests.map(({ names }) => names.length), [40, 40]);
  assert.equal(requests[0].query.get("before"), "true");
  requests[0].answer();
  await settle();
  assert.equal(loaded.length, 40);
  loader.load(series);
  assert.deepEqual(requests[2].names, series.slice(80).map(({ name }) => name));
});

test("a sparkline is loaded again when it is old", async () => {
  const { loader, clock, requests } = makeLoader();
  const series = makeSeries(1);
  loader.load(series);
  requests[0].answer();
  await settle();
  clock.now += 86_400 / 120 - 1;
  loader.load(series);
  assert.equal(requests.length, 1);
  clock.now += 2;
  loader.load(series);
  assert.equal(requests.length, 2);
});

test("the answer for an earlier length is dropped", async () => {
  const { loader, requests, loaded } = makeLoader();
  const series = makeSeries(1);
  loader.load(series);
  loader.spanSeconds = 3_600;
  loader.restart();
  requests[0].answer();
  await settle();
  assert.deepEqual(loaded, []);
  loader.load(series);
  requests[1].answer();
  await settle();
  assert.deepEqual(loaded, ["s0"]);
  assert.equal(series[0].loadedFrom, 1_000_000 - 3_600);
});
