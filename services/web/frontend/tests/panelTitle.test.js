import assert from "node:assert/strict";
import { test } from "node:test";

import { deriveTitle } from "../page/panel/panelTitle.js";

/** @param {string | null} unit @param {...string} names */
const titleOf = (unit, ...names) => deriveTitle(names.map((name) => ({ name, unit })));

/** @param {string | null} unit @param {...string} labels */
const titleOfLabels = (unit, ...labels) =>
  deriveTitle(labels.map((label, i) => ({ name: `series.${i}`, unit, label })));

test("a well-known unit gives the quantity", () => {
  assert.equal(titleOf("°C", "kitchen", "cellar"), "Temperature");
  assert.equal(titleOf("kW", "oven"), "Power");
  assert.equal(titleOf("mV", "a.1", "a.2"), "Voltage");
  assert.equal(titleOf("hPa", "roof"), "Pressure");
  assert.equal(titleOf("kWh", "meter"), "Energy");
  assert.equal(titleOf("MB/s", "eth0", "eth1"), "Data rate");
});

test("the names may say more about the quantity of a unit", () => {
  const soils = ["North soil temperature", "South soil temperature"];
  assert.equal(titleOfLabels("°C", ...soils), "Soil temperature");
  assert.equal(titleOf("°C", "north.sensor", "south.sensor"), "Temperature");
  assert.equal(titleOfLabels("ppm", "Bedroom CO₂", "Living room CO₂"), "CO₂");
  assert.equal(titleOfLabels("ppm", "Bedroom", "Garage"), "Concentration");
});

test("another unit has the words that all names share", () => {
  assert.equal(titleOf("%", "bath.humidity", "hall.humidity"), "Humidity");
  assert.equal(titleOf("%", "sensor.bath_humidity", "sensor.hall_humidity"), "Humidity");
  assert.equal(titleOf("%", "a.used_percent", "b.used_percent"), "used_percent");
  assert.equal(titleOfLabels("g", "Acceleration x", "Acceleration y"), "Acceleration");
  assert.equal(titleOf(null, "switch.load1", "server.load1"), "load1");
});

/** @param {string} measurement @param {...string} fields */
const titleOfFields = (measurement, ...fields) =>
  deriveTitle(fields.map((field, i) => {
    const tags = { measurement, field, tags: { host: `web-${i}` } };
    return { name: `${measurement},host=web-${i} ${field}`, unit: null, tags };
  }));

test("series with tags share their measurement and field", () => {
  assert.equal(titleOfFields("mem", "used_percent", "used_percent"), "mem used_percent");
  assert.equal(titleOfFields("net", "drop_in", "drop_in"), "net drop_in");
  assert.equal(titleOfFields("diskio", "read_bytes", "write_bytes"), "Diskio");
  assert.equal(titleOfFields("door", "value", "value"), "Door");
});

test("in doubt the title is the unit", () => {
  assert.equal(titleOf("%", "bath.humidity", "phone.battery"), "%");
  assert.equal(titleOf("g", "scale", "shaker"), "g");
  assert.equal(titleOf("K", "lamp", "oven"), "K");
  assert.equal(titleOf("mm", "rain", "snow"), "mm");
  assert.equal(titleOf("%", "room.1", "hall.1"), "%");
  assert.equal(titleOf(null, "kitchen", "cellar"), "No unit");
  assert.equal(titleOfLabels("%", "Light in the hall", "Dust in the hall"), "Hall");
});

test("one series gives its label, and different units are not one quantity", () => {
  assert.equal(titleOf("%", "bath.humidity"), "bath.humidity");
  assert.equal(titleOfLabels(null, "Energy saved"), "Energy saved");
  assert.equal(deriveTitle([{ name: "a", unit: "°C" }, { name: "b", unit: "W" }]), "Mixed units");
  assert.equal(deriveTitle([]), "No series");
});
