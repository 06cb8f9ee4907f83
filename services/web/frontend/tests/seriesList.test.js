import assert from "node:assert/strict";
import { test } from "node:test";

import { connectFeed, requestedPaths } from "./support/feed.js";
import { FakeServer, settle } from "./support/server.js";

/** Start a page with one series, and forget the requests so far. */
async function startPage() {
  const server = new FakeServer();
  server.publish("door", 1, 0);
  server.storeJournal();
  server.set("door", { guessed_kind: "state" });
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  server.requests.length = 0;
  const door = store.series.get("door");
  assert.ok(door);
  return { server, store, timers, door };
}

test("changed settings reach the page without loading history again", async () => {
  const { server, store, timers, door } = await startPage();
  const { layoutVersion } = store;
  const { settingsVersion, historyVersion } = door;
  assert.deepEqual([door.label, door.kind, door.setKind, door.color], [null, "state", null, null]);
  const states = { 0: "closed", 1: "open" };
  server.set("door", { label: "Front door", kind: "counter", decimals: 0, states });
  server.set("door", { color: "#0b7285" });
  await timers.advance(250);
  assert.deepEqual(requestedPaths(server), ["/api/series"]);
  assert.deepEqual(
    [door.label, door.kind, door.setKind, door.decimals, door.color, door.states],
    ["Front door", "counter", "counter", 0, "#0b7285", states],
  );
  assert.equal(door.settingsVersion, settingsVersion + 1);
  assert.equal(store.layoutVersion, layoutVersion + 1);
  assert.equal(door.historyVersion, historyVersion);
  assert.equal(server.sockets.length, 1);
});

test("settings that have not changed lay out nothing", async () => {
  const { server, store, timers, door } = await startPage();
  server.set("door", { label: "Front door", states: { 0: "closed" } });
  await timers.advance(250);
  const { layoutVersion } = store;
  server.set("door", { label: "Front door", states: { 0: "closed" } });
  await timers.advance(250);
  assert.deepEqual(requestedPaths(server), ["/api/series", "/api/series"]);
  assert.deepEqual([store.layoutVersion, door.settingsVersion], [layoutVersion, 2]);
  server.set("door", { label: null, states: null });
  await timers.advance(250);
  assert.deepEqual([door.label, door.states, door.kind], [null, null, "state"]);
});

test("a list that could not be read is read at the next ping", async () => {
  const { server, timers, door } = await startPage();
  server.set("door", { label: "Front door" });
  server.isUp = false;
  await timers.advance(250);
  assert.equal(door.label, null);
  server.isUp = true;
  server.ping();
  await settle();
  assert.equal(door.label, "Front door");
  server.ping();
  await settle();
  assert.deepEqual(requestedPaths(server), ["/api/series", "/api/series"]);
});

test("a connection that is lost after a change of settings continues behind it", async () => {
  const { server, timers, door } = await startPage();
  server.publish("door", 2, 1);
  server.set("door", { label: "Front door" });
  server.sockets[0].disconnect();
  await timers.advance(1_000);
  assert.equal(door.label, "Front door");
  assert.ok(requestedPaths(server).includes("/live e:2-0"));
});
