import assert from "node:assert/strict";
import { test } from "node:test";

import { SeriesStore } from "../store/seriesStore.js";
import { HistoryLoader } from "../feed/historyLoader.js";
import { TimeView } from "../view/timeView.js";
import { settled, Timers } from "./support/server.js";

/** A page that holds the newest 60 s of one series, and a server that has a day in buckets. */
function page() {
  const timers = new Timers();
  const view = new TimeView(100_000, { span: 60 });
  const store = new SeriesStore(60);
  const raw = { unit: null, tier: "raw", bucket: null, t: [99_950], value: [1] };
  store.replaceHistory({ from: 99_940, to: 100_000, cursor: "e:1-0", series: { "a b": raw } }, true);
  /** @type {URL[]} */
  const asked = [];
  const server = { up: true };
  const loader = new HistoryLoader({
    store,
    view,
    root: new URL("http://host/prefix/"),
    columnCount: () => 100,
    timers,
    fetchJson: async (address) => {
      const url = new URL(address);
      asked.push(url);
      await settled();
      if (!server.up) throw new Error("refused");
      const [from, to, points] = ["from", "to", "points"].map((name) =>
        Number(url.searchParams.get(name)),
      );
      const bucket = Math.ceil((to - from) / points);
      const t = Array.from({ length: 10 }, (_, i) => Math.floor(from / bucket + i) * bucket);
      const some = t.map(() => 1);
      const columns = { unit: null, tier: "raw", bucket, t, min: some, max: some, mean: some, count: some };
      return { from, to, cursor: "e:1-0", series: { "a b": columns } };
    },
  });
  return { timers, view, store, asked, loader, server };
}

test("what is held is not asked for", async () => {
  const { timers, asked, loader } = page();
  loader.loadMissing();
  await timers.pass(1_000);
  assert.equal(asked.length, 0);
});

test("what is looked at is asked for once, at a resolution that fits, with something beside it", async () => {
  const { timers, view, asked, loader } = page();
  view.show({ span: 10_000 });
  await timers.pass(1_000);
  loader.loadMissing();
  await timers.pass(1_000);
  assert.equal(asked.length, 1);
  const [url] = asked;
  assert.equal(url.pathname, "/prefix/api/history");
  assert.deepEqual(url.searchParams.getAll("series"), ["a b"]);
  assert.equal(Number(url.searchParams.get("from")), 87_500);
  assert.equal(Number(url.searchParams.get("to")), 100_000, "there is nothing in the future");
  assert.ok(Number(url.searchParams.get("points")) >= 200);
});

test("while the window moves nothing is asked for, then once", async () => {
  const { timers, view, asked } = page();
  for (let i = 0; i < 20; i++) {
    view.pan(-100);
    await timers.pass(30);
  }
  assert.equal(asked.length, 0);
  await timers.pass(1_000);
  assert.equal(asked.length, 1);
  view.pan(-10);
  await timers.pass(1_000);
  assert.equal(asked.length, 1, "the margin has it");
});

test("zooming in asks for what is finer, zooming out again for nothing", async () => {
  const { timers, view, asked } = page();
  view.show({ from: 50_000, to: 60_000 });
  await timers.pass(1_000);
  view.show({ from: 54_000, to: 55_000 });
  await timers.pass(1_000);
  assert.equal(asked.length, 2);
  view.show({ from: 50_000, to: 60_000 });
  await timers.pass(1_000);
  assert.equal(asked.length, 2);
});

test("what the answer has not filled is not asked for again at once", async () => {
  const { timers, view, store, asked, loader } = page();
  store.addHistory = () => {};
  view.show({ from: 1_000, to: 2_000 });
  for (let i = 0; i < 20; i++) {
    loader.loadMissing();
    await timers.pass(250);
  }
  assert.equal(asked.length, 1);
});

test("a server that is away is asked again after a while", async () => {
  const { timers, view, asked, loader, server } = page();
  /** @type {boolean[]} */
  const told = [];
  loader.addEventListener("change", () => told.push(loader.busy));
  server.up = false;
  view.show({ span: 10_000 });
  await timers.pass(1_000);
  assert.deepEqual([asked.length, loader.failed, loader.busy], [1, true, false]);
  server.up = true;
  await timers.pass(3_000);
  assert.deepEqual([asked.length, loader.failed], [2, false]);
  assert.deepEqual(told, [true, false, true, false]);
});

test("what is forgotten is asked for anew at once, and an answer from before it is not taken", async () => {
  const { timers, view, store, asked, loader } = page();
  const again = { from: 99_940, to: 100_000, cursor: "e:2-0", series: {} };
  view.show({ span: 10_000 });
  await timers.pass(1_000);
  store.replaceHistory(again, true);
  loader.loadMissing();
  await timers.pass(1_000);
  assert.equal(asked.length, 2);
  const { fetchJson } = loader.dependencies;
  loader.dependencies.fetchJson = async (address) => {
    const answer = await fetchJson(address);
    if (asked.length === 3) store.replaceHistory(again, true);
    return answer;
  };
  view.show({ from: 50_000, to: 60_000 });
  await timers.pass(100);
  assert.equal(asked.length, 3);
  assert.equal(store.series.get("a b")?.nearest(47_600, 100), null);
  await timers.pass(1_000);
  assert.equal(asked.length, 4);
  assert.notEqual(store.series.get("a b")?.nearest(47_600, 100), null);
});
