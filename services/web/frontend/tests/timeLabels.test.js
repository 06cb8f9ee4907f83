import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeLabels } from "../chart/timeLabels.js";
import { timeOf } from "./support/zones.js";

test("a label shows the day at midnight and the year in January", () => {
  const labels = new TimeLabels("en-GB", "Europe/Berlin");
  const hours = /** @type {const} */ ({ unit: "second", count: 3_600 });
  const months = /** @type {const} */ ({ unit: "month", count: 1 });
  const fractions = /** @type {const} */ ({ unit: "second", count: 0.05 });
  assert.equal(labels.label(timeOf("2026-10-25T22:00Z"), hours), "23:00");
  assert.equal(labels.label(timeOf("2026-10-25T23:00Z"), hours), "26 Oct");
  assert.equal(labels.label(timeOf("2026-01-31T23:00Z"), months), "Feb");
  assert.equal(labels.label(timeOf("2025-12-31T23:00Z"), months), "2026");
  assert.equal(labels.label(timeOf("2025-12-31T23:00:05.250Z"), fractions), "00:05.250");
});
