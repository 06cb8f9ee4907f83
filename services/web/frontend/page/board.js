import { Panel } from "./panel.js";

/** The charts of the page: one for each unit, in the order in which the units came. */
export class Board {
  /** @type {Map<string | null, Panel>} */
  #panels = new Map();
  /** Names of series that are switched off. @type {Set<string>} */
  #hidden = new Set();
  #layout = 0;

  /**
   * @param {HTMLElement} root
   * @param {import("../store/store.js").SeriesStore} store
   * @param {import("../chart/theme.js").Theme} theme
   * @param {import("../format.js").TimeFormat} format
   */
  constructor(root, store, theme, format) {
    this.root = root;
    this.store = store;
    this.theme = theme;
    this.format = format;
  }

  /** @param {number} now seconds: where the window ends */
  frame(now) {
    if (this.#layout !== this.store.layout) this.#arrange();
    const panels = [...this.#panels.values()];
    for (const panel of panels) {
      panel.plot.gaps = this.store.gaps;
      panel.frame(now, this.store.span, this.#hidden);
    }
    const width = Math.max(0, ...panels.map(({ plot }) => plot.labelWidth));
    for (const { plot } of panels) plot.axisWidth = width;
  }

  #arrange() {
    this.#layout = this.store.layout;
    const units = byUnit(this.store.series.values());
    for (const [unit, panel] of this.#panels) {
      if (units.has(unit)) continue;
      panel.remove();
      this.#panels.delete(unit);
    }
    for (const [unit, series] of units) {
      const panel = this.#panels.get(unit) ?? this.#open(unit);
      panel.show(series, this.#hidden);
      this.root.append(panel.element);
    }
    this.root.dataset.panels = String(units.size);
  }

  /** @param {string | null} unit */
  #open(unit) {
    const toggle = (/** @type {string} */ name) => this.#toggle(name);
    const panel = new Panel(unit, this.theme, this.format, toggle);
    this.#panels.set(unit, panel);
    return panel;
  }

  /** @param {string} name */
  #toggle(name) {
    if (!this.#hidden.delete(name)) this.#hidden.add(name);
    for (const { legend } of this.#panels.values()) legend.mark(this.#hidden);
  }
}

/**
 * @param {Iterable<import("../store/series.js").Series>} all
 * @returns {Map<string | null, import("../store/series.js").Series[]>}
 */
function byUnit(all) {
  const units = new Map();
  for (const series of all) {
    const others = units.get(series.unit);
    if (others) others.push(series);
    else units.set(series.unit, [series]);
  }
  return units;
}
