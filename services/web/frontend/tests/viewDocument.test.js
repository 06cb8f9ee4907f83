import assert from "node:assert/strict";
import { test } from "node:test";

import { completeSpec } from "../page/panel/panelSpec.js";
import {
  nameOfTitle,
  newPanel,
  panelTitle,
  resolveView,
  typeForSeries,
  viewOfSpecs,
  withPanel,
  withPanelAt,
  withoutPanel,
} from "../page/views/viewDocument.js";

/** @param {...string[]} selectors series of each panel */
function viewOf(...selectors) {
  const panels = selectors.map((series, i) => ({
    ...completeSpec({ id: `p${i + 1}`, series }),
    tags: /** @type {string[]} */ ([]),
  }));
  return { title: "", revision: 1, window: null, columns: null, panels };
}

const ALL = ["a1", "a2", "a3", "b1", "b2"].map((name) => ({ name }));
const ids = (/** @type {{ panels: { id: string }[] }} */ { panels }) => panels.map(({ id }) => id);

test("panels get the names of their series, and new ones join", () => {
  const view = viewOf(["a*"], ["b1"]);
  const resolve = (/** @type {typeof ALL} */ all) => resolveView(view, all, (names) => names);
  const { specs, names, omittedCount } = resolve(ALL);
  assert.deepEqual(specs.map(({ series }) => series), [["a1", "a2", "a3"], ["b1"]]);
  assert.deepEqual([...names].sort(), ["a1", "a2", "a3", "b1"]);
  assert.equal(omittedCount, 0);
  assert.equal("tags" in specs[0], false);
  const joined = resolve([...ALL, { name: "a10" }]);
  assert.deepEqual(joined.specs[0].series, ["a1", "a2", "a3", "a10"]);
});

test("each panel gets some series if not all fit", () => {
  const { specs, omittedCount } = resolveView(viewOf(["a*"], ["b*"]), ALL, (names) =>
    names.slice(0, 3),
  );
  assert.deepEqual(specs.map(({ series }) => series), [["a1", "a2"], ["b1"]]);
  assert.equal(omittedCount, 2);
});

test("panel is added, replaced, moved and removed", () => {
  let view = viewOf(["a1"], ["a2"]);
  const panel = { ...newPanel(view), series: ["b1"] };
  assert.equal(panel.id, "p3");
  view = withPanel(view, panel);
  view = withPanel(view, { ...panel, title: "B" });
  assert.deepEqual(ids(view), ["p1", "p2", "p3"]);
  assert.equal(view.panels[2].title, "B");
  assert.deepEqual(ids(withPanelAt(view, "p3", 0)), ["p3", "p1", "p2"]);
  assert.deepEqual(ids(withPanelAt(view, "p1", 9)), ["p2", "p3", "p1"]);
  assert.equal(withPanelAt(view, "unknown", 0), view);
  view = withoutPanel(view, "p1");
  assert.deepEqual(ids(view), ["p2", "p3"]);
  assert.equal(newPanel(view).id, "p4");
});

test("view of what is shown has new ids and no empty panels", () => {
  const specs = [
    completeSpec({ id: "line-°C", series: ["a1"] }),
    completeSpec({ id: "line", series: [] }),
  ];
  const view = viewOfSpecs(specs, { title: "Home", window: "24h", columns: 2 });
  assert.deepEqual(ids(view), ["p1"]);
  assert.equal(view.revision, null);
  assert.equal(view.window, "24h");
});

test("name is made of a title", () => {
  assert.equal(nameOfTitle("  Haus & Küche (oben) "), "haus-küche-oben");
  assert.equal(nameOfTitle("!"), "");
  assert.equal(nameOfTitle("x".repeat(99)).length, 64);
});

test("panel without a title is named by its selectors", () => {
  const [panel] = viewOf(["a*", "b1"]).panels;
  assert.equal(panelTitle(panel), "a*, b1");
  assert.equal(panelTitle({ ...panel, title: "A" }), "A");
});

test("series choose the type of a new panel", () => {
  const state = { kind: null, guessed_kind: "state" };
  assert.equal(typeForSeries([state, { kind: "state", guessed_kind: "measure" }]), "states");
  assert.equal(typeForSeries([{ kind: "counter" }]), "bars");
  assert.equal(typeForSeries([state, { kind: "measure" }]), "line");
  assert.equal(typeForSeries([]), "line");
});
