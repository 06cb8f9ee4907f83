import assert from "node:assert/strict";
import { test } from "node:test";

import { shortLabels } from "../page/labels.js";

/** @param {...string} names */
const labelsOf = (...names) => [...shortLabels(names.map((name) => ({ name }))).values()];

/**
 * @param {string} measurement
 * @param {string} field
 * @param {Record<string, string>} tags
 */
function tagged(measurement, field, tags) {
  const pairs = Object.entries(tags).map(([key, value]) => `,${key}=${value}`);
  return { name: `${measurement}${pairs.join("")} ${field}`, tags: { measurement, field, tags } };
}

/** @param {ReturnType<typeof tagged>[]} series */
const tagLabelsOf = (series) => [...shortLabels(series).values()];

test("the parts that all names share are left out", () => {
  assert.deepEqual(labelsOf("home.attic.temp", "home.hall.temp"), ["attic", "hall"]);
  assert.deepEqual(labelsOf("sensor.attic", "sensor.hall_2"), ["attic", "hall_2"]);
  assert.deepEqual(labelsOf("a/b/c", "a/d/c"), ["b", "d"]);
});

test("only whole parts are left out, and one that has a letter remains", () => {
  assert.deepEqual(labelsOf("kitchen", "kiosk"), ["kitchen", "kiosk"]);
  assert.deepEqual(labelsOf("cpu.0.usage", "cpu.1.usage"), ["cpu.0", "cpu.1"]);
  assert.deepEqual(labelsOf("house", "house.attic"), ["house", "house.attic"]);
  assert.deepEqual(labelsOf("attic.temp", "temp"), ["attic.temp", "temp"]);
  assert.deepEqual(labelsOf("a.b", "a.b.b"), ["b", "b.b"]);
  assert.deepEqual(labelsOf("demo.random"), ["demo.random"]);
  assert.deepEqual(labelsOf(), []);
});

test("tags are written by their values, the host first", () => {
  const cores = ["cpu2", "cpu10"].flatMap((cpu) =>
    ["web-01.example.org", "web-02.example.org"].map((host) =>
      tagged("cpu", "usage", { cpu, datacenter: "basel", host }),
    ),
  );
  const labels = ["web-01 cpu2", "web-02 cpu2", "web-01 cpu10", "web-02 cpu10"];
  assert.deepEqual(tagLabelsOf(cores), labels);
});

test("the measurement is left out where the field says enough", () => {
  assert.deepEqual(
    tagLabelsOf([
      tagged("cpu", "usage", { host: "a" }),
      tagged("mem", "used_percent", { host: "a" }),
      tagged("disk", "used_percent", { host: "a" }),
      tagged("uptime", "value", { host: "a" }),
    ]),
    ["usage", "mem used_percent", "disk used_percent", "uptime"],
  );
});

test("a tag that follows from another one is left out", () => {
  const hosts = ["a", "b", "c", "d"].map((host, i) =>
    tagged("cpu", "usage", { datacenter: i < 2 ? "basel" : "bern", host }),
  );
  assert.deepEqual(tagLabelsOf(hosts), ["a", "b", "c", "d"]);
});

test("a single series has all its tags", () => {
  const [label] = tagLabelsOf([tagged("cpu", "usage", { cpu: "cpu3", host: "web-01" })]);
  assert.equal(label, "web-01 cpu3 usage");
});

test("a label that was set comes first, and two equal ones can be told apart", () => {
  const labels = shortLabels([
    { name: "home.a", label: "Temperature" },
    { name: "home.b", label: "Temperature" },
    { name: "home.c", label: "Kitchen" },
    { name: "home.d", label: null },
  ]);
  assert.deepEqual([...labels.values()], ["Temperature (a)", "Temperature (b)", "Kitchen", "d"]);
});

test("a name that reads like the tags of another one is written in full", () => {
  const series = [
    { name: "a" },
    tagged("cpu", "usage", { host: "a" }),
    tagged("cpu", "usage", { host: "b" }),
  ];
  assert.deepEqual([...shortLabels(series).values()], ["a", "cpu,host=a usage", "b"]);
});

test("thousands of names are labelled quickly", () => {
  const plain = Array.from({ length: 2_000 }, (_, i) => ({ name: `home.room${i}.temperature` }));
  const series = Array.from({ length: 2_000 }, (_, i) =>
    tagged("cpu", "usage", { cpu: `cpu${i % 16}`, datacenter: "basel", host: `web-${i >> 4}` }),
  );
  assert.equal(new Set(shortLabels([...plain, ...series]).values()).size, 4_000);
  // Its own time, the best of a few: other programs may have the processor meanwhile.
  const times = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    shortLabels([...plain, ...series]);
    return process.cpuUsage(start).user / 1_000;
  });
  const milliseconds = Math.min(...times);
  assert.ok(milliseconds < 250, `${milliseconds} ms`);
});
