import assert from "node:assert/strict";
import { test } from "node:test";
import { findGroupings, groupSeries } from "../page/overview/grouping.js";

const plain = (name, unit = null) => ({ name, unit, tags: null });
const tagged = (measurement, tags) => ({
  name: `${measurement} ${JSON.stringify(tags)}`,
  unit: null,
  tags: { measurement, field: "value", tags },
});
const titles = (groups) => groups.map(({ title, series }) => [title, series.length]);

test("series with the tag host are grouped by it first", () => {
  const list = ["web-2", "web-10", "web-1"].flatMap((host) =>
    ["a", "b", "c"].map((cpu) => tagged("cpu", { cpu, host })),
  );
  const groupings = findGroupings(list).map(({ value }) => value);
  assert.deepEqual(groupings, ["tag:host", "tag:cpu", "unit", "none"]);
  assert.deepEqual(titles(groupSeries(list, "tag:host")), [["web-1", 3], ["web-2", 3], ["web-10", 3]]);
});

test("a tag with a value for each series is no good first choice", () => {
  const list = ["a", "b", "c", "d"].map((host) => tagged("load", { host }));
  const [first, ...others] = findGroupings(list).map(({ value }) => value);
  assert.equal(first, "none");
  assert.ok(others.includes("tag:host"));
});

test("names with common first parts are grouped by them", () => {
  const list = ["home.kitchen", "home.hall", "car/speed", "car/fuel", "alone"].map((name) => plain(name));
  assert.equal(findGroupings(list)[0].value, "prefix");
  const groups = titles(groupSeries(list, "prefix"));
  assert.deepEqual(groups, [["car", 2], ["home", 2], ["Others", 1]]);
});

test("names without parts are grouped by unit", () => {
  const list = [plain("a", "W"), plain("b", "°C"), plain("c", "W"), plain("d", "°C"), plain("e")];
  assert.equal(findGroupings(list)[0].value, "unit");
  const groups = titles(groupSeries(list, "unit"));
  assert.deepEqual(groups, [["W", 2], ["°C", 2], ["Without a unit", 1]]);
});

test("the series of a group are in natural order", () => {
  const [{ title, series }] = groupSeries([plain("cpu10"), plain("cpu2")], "none");
  assert.equal(title, "All series");
  assert.deepEqual(series.map(({ name }) => name), ["cpu2", "cpu10"]);
});

test("an empty list has no groups", () => {
  assert.deepEqual(groupSeries([], findGroupings([])[0].value), []);
});
