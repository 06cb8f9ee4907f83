import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseFirstView } from "../feed/firstView.js";
import { MAX_AUTOMATIC_SERIES } from "../store/seriesStore.js";

const NOW = 1_000_000;

/** @param {string} name @param {string | null} unit @param {object} other */
const info = (name, unit, other = {}) => ({ name, unit, last: NOW, ...other });

/** Servers with eight CPUs each and a load, and one door. */
const SERVERS = Array.from({ length: 16 }, (_, host) => [
  ...Array.from({ length: 8 }, (_, i) => info(`web-${host} cpu${i}`, "%")),
  info(`web-${host} load`, "load"),
]).flat();

/** @param {import("../store/seriesStore.js").SeriesInfo[]} list @param {string[]} shown */
const choose = (list, shown = []) => chooseFirstView(list, new Set(shown));

test("a few series are all shown, in natural order", () => {
  const list = [info("cpu10", "%"), info("cpu2", "%"), info("old", "V", { last: 0 })];
  assert.deepEqual(choose(list), ["cpu2", "cpu10", "old"]);
});

test("who sent last, and the order of the list, change nothing", () => {
  const later = SERVERS.map((one, i) => ({ ...one, last: NOW + ((i * 37) % 100) }));
  assert.deepEqual(choose(later.toReversed()), choose(SERVERS));
});

test("each unit has some series", () => {
  const units = new Map(SERVERS.map(({ name, unit }) => [name, unit]));
  const chosen = choose(SERVERS).map((name) => units.get(name));
  assert.equal(chosen.length, MAX_AUTOMATIC_SERIES);
  assert.equal(chosen.filter((unit) => unit === "load").length, MAX_AUTOMATIC_SERIES / 2);
});

test("names that differ by more than a number come first", () => {
  const rooms = ["bath", "kitchen", "cellar"].flatMap((room) =>
    Array.from({ length: 30 }, (_, i) => info(`${room}.${i}`, "°C")),
  );
  const chosen = choose(rooms);
  for (const room of ["bath", "kitchen", "cellar"]) {
    const count = chosen.filter((name) => name.startsWith(room)).length;
    assert.ok(count >= 6, `${room}: ${count}`);
  }
});

test("measures come before states and recent series before old ones", () => {
  const doors = Array.from({ length: 30 }, (_, i) => info(`a door ${i}`, null, { kind: "state" }));
  const old = Array.from({ length: 30 }, (_, i) => info(`b ${i}`, "W", { last: 1 }));
  const chosen = choose([...doors, ...old, info("z", "°C")]);
  assert.ok(chosen.includes("z"));
  assert.deepEqual(chosen.filter((name) => name.startsWith("b")), []);
});

test("shown series stay", () => {
  assert.ok(choose(SERVERS, ["web-15 cpu7"]).includes("web-15 cpu7"));
});
