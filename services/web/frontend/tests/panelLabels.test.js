import assert from "node:assert/strict";
import { test } from "node:test";

import { leaveOutTitle, PanelLabels } from "../page/panel/panelLabels.js";

test("a copy of the title at an end is left out", () => {
  const rooms = ["Living room temperature", "Outdoor"];
  assert.deepEqual(leaveOutTitle(rooms, "Temperature"), ["Living room", "Outdoor"]);
  assert.deepEqual(leaveOutTitle(["Living room temperature"], "Living room"), ["Temperature"]);
  assert.deepEqual(leaveOutTitle(["Acceleration x", "Acceleration y"], "Acceleration"), ["x", "y"]);
  assert.deepEqual(leaveOutTitle(["hall.temperature"], "Temperature"), ["hall"]);
  const disks = ["web-01 / disk used", "web-01 /var disk used"];
  assert.deepEqual(leaveOutTitle(disks, "Disk used"), ["web-01 /", "web-01 /var"]);
});

test("shared words that are in the title are left out, and its plural counts", () => {
  const rooms = ["Living room temperature", "Bedroom temperature"];
  assert.deepEqual(leaveOutTitle(rooms, "Room temperatures"), ["Living room", "Bedroom"]);
  const doors = ["Front door", "Kitchen window"];
  assert.deepEqual(leaveOutTitle(doors, "Doors and windows"), doors);
});

test("labels stay if the rest says nothing or would be the same twice", () => {
  for (const labels of [
    ["Power"],
    ["Kitchen power", "Kitchen"],
    ["Power of the house"],
    ["Power 1", "Power 2"],
  ]) {
    assert.deepEqual(leaveOutTitle(labels, "Power"), labels);
  }
  assert.deepEqual(leaveOutTitle(["kitchen"], ""), ["kitchen"]);
});

test("the only label of a panel is whole, unless a person has named the panel", () => {
  const labels = new PanelLabels(/** @type {any} */ ({ of: () => "Air pressure" }));
  const series = /** @type {any[]} */ ([{ name: "air", label: "Air pressure", tags: null }]);
  labels.update(series, "Pressure", false);
  assert.equal(labels.of(series[0]), "Air pressure");
  labels.update(series, "Pressure", true);
  assert.equal(labels.of(series[0]), "Air");
});

test("a panel that a person named leaves out what its series share", () => {
  const cores = ["cpu0", "cpu1"].map((cpu) => ({
    name: `cpu,cpu=${cpu},host=web-01 usage_user`,
    label: null,
    tags: { measurement: "cpu", field: "usage_user", tags: { cpu, host: "web-01" } },
  }));
  const page = {
    of: (/** @type {{ name: string }} */ { name }) => `web-01 ${name.slice(8, 12)} usage_user`,
  };
  const labels = new PanelLabels(/** @type {any} */ (page));
  const all = /** @type {any[]} */ (cores);
  labels.update(all, "Cores", true);
  assert.deepEqual(all.map((one) => labels.of(one)), ["cpu0", "cpu1"]);
  labels.update(all, "cpu usage_user", false);
  assert.deepEqual(all.map((one) => labels.of(one)), ["web-01 cpu0", "web-01 cpu1"]);
});
