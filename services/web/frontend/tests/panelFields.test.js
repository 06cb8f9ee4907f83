import assert from "node:assert/strict";
import { test } from "node:test";

import { parsePanelFields } from "../page/views/panelFields.js";
import { parseViewFile } from "../page/views/viewFile.js";

const FIELDS = {
  title: " Rooms ",
  type: "line",
  series: "*.temperature\n\n kitchen \nkitchen",
  tags: "host=web-01",
  limits: "25, 18..24",
  scale: "linear",
  min: "",
  max: "1,5",
  zero: true,
  band: false,
  per: "",
};

test("fields become a panel", () => {
  const { panel, fault } = parsePanelFields(FIELDS);
  assert.equal(fault, null);
  assert.deepEqual(panel, {
    title: "Rooms",
    type: "line",
    series: ["*.temperature", "kitchen"],
    tags: ["host=web-01"],
    axis: { scale: "linear", zero: true, min: null, max: 1.5 },
    band: false,
    per: null,
    limits: ["25", "18..24"],
  });
});

test("fault names its field", () => {
  for (const [change, field] of /** @type {const} */ ([
    [{ series: " ", tags: "" }, "panel-series"],
    [{ tags: "web-01" }, "panel-tags"],
    [{ limits: "high" }, "panel-limits"],
    [{ limits: "°C:18..24" }, "panel-limits"],
    [{ min: "low" }, "panel-min"],
    [{ min: "2" }, "panel-max"],
    [{ scale: "log", min: "0" }, "panel-min"],
  ])) {
    const { fault } = parsePanelFields({ ...FIELDS, ...change });
    assert.equal(fault?.field, field, JSON.stringify(change));
    assert.match(fault?.text ?? "", /\.$/);
  }
});

test("log axis never includes 0", () => {
  assert.equal(parsePanelFields({ ...FIELDS, scale: "log" }).panel.axis.zero, false);
});

test("file of an exported view is read without its revision", () => {
  const { view, fault } = parseViewFile('{"title":"Home","revision":3,"panels":[]}');
  assert.equal(fault, "");
  assert.deepEqual(view, { title: "Home", revision: null, panels: [] });
});

test("other files are refused with what to do", () => {
  for (const text of ["", "no JSON", "[]", "null", "{}"]) {
    assert.match(parseViewFile(text).fault, /Choose a file of an exported view/, text);
  }
});
