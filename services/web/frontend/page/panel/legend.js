import { lineStyleOf } from "../../chart/palette.js";
import { formatAge, formatToParts, formatWithUnit } from "../../format.js";
import { element } from "../element.js";
import { isOld } from "../status/health.js";

/** @typedef {import("../../store/series.js").Series} Series */
/**
 * @typedef {object} Entry
 * @property {Series} series
 * @property {HTMLLIElement} item
 * @property {HTMLButtonElement} button
 * @property {HTMLButtonElement} only
 * @property {HTMLElement} value
 * @property {HTMLElement} unit
 * @property {HTMLElement} stats
 * @property {string} seen what was looked at for `stats`
 * @property {string} said what stands there
 */
/**
 * @typedef {object} Choices what a person can do with a line
 * @property {(name: string) => void} toggle
 * @property {(name: string) => void} isolate
 * @property {(series: Series) => void} correct
 */

/** The legend of a chart: for each series a button with its colour and what it reads. */
export class Legend {
  /** @type {Entry[]} */
  #entries = [];

  /** @param {Choices} choices */
  constructor(choices) {
    this.choices = choices;
    this.element = element("ul", "legend");
  }

  /** @param {Series[]} series */
  show(series) {
    this.#entries = series.map((one) => this.#entry(one));
    this.element.replaceChildren(...this.#entries.map(({ item }) => item));
  }

  /** @param {Set<string>} hidden names of the series that are switched off */
  mark(hidden) {
    const shown = this.#entries.filter(({ series }) => !hidden.has(series.name));
    for (const entry of this.#entries) {
      const alone = shown.length === 1 && shown[0] === entry && this.#entries.length > 1;
      entry.button.setAttribute("aria-pressed", String(shown.includes(entry)));
      entry.only.setAttribute("aria-pressed", String(alone));
    }
  }

  /** @param {boolean} dark */
  paint(dark) {
    for (const { series, button } of this.#entries) {
      const { color, dash } = lineStyleOf(series.slot, dark);
      button.style.setProperty("--line", color);
      button.dataset.dash = dash.length ? String(dash[0]) : "";
    }
  }

  /** Bring the newest values up to date. */
  refresh() {
    for (const { series, value, unit } of this.#entries) {
      const last = series.newest && formatToParts(series.newest.value, series.unit);
      write(value, last?.number ?? "–");
      write(unit, last?.unit ?? series.unit ?? "");
    }
  }

  /**
   * Bring up to date what was read in the visible range, which takes longer.
   *
   * @param {number} from seconds
   * @param {number} to
   * @param {number} now
   */
  summarize(from, to, now) {
    for (const entry of this.#entries) this.#refreshStats(entry, from, to, now);
  }

  /** @returns {{ name: string, reading: string, slot: number }[]} what stands in the legend */
  get lines() {
    return this.#entries.map(({ series }) => ({
      name: series.name,
      reading: series.newest ? formatWithUnit(series.newest.value, series.unit) : "–",
      slot: series.slot,
    }));
  }

  /**
   * @param {Entry} entry
   * @param {number} from
   * @param {number} to
   * @param {number} now
   */
  #refreshStats(entry, from, to, now) {
    const { series, stats } = entry;
    const stale = isOld(series, now) ? series.newest : null;
    const state = stale ? `last ${formatAge(now - stale.time)}` : "";
    const seen = `${series.revision} ${series.unit} ${from} ${to} ${state}`;
    if (seen === entry.seen) return;
    entry.seen = seen;
    const summary = series.summary(from, to);
    const told = summary
      ? [summary.min, summary.mean, summary.max].map((value) => formatWithUnit(value, series.unit))
      : [];
    const said = JSON.stringify([told, state]);
    if (said === entry.said) return;
    entry.said = said;
    const words = ["min", "mean", "max"];
    stats.replaceChildren(
      ...(state ? [element("span", "legend-stale", state)] : []),
      ...told.map((value, i) =>
        element("span", "legend-stat", `${words[i]} `, element("bdi", "legend-amount", value)),
      ),
    );
  }

  /**
   * @param {Series} series
   * @returns {Entry}
   */
  #entry(series) {
    const { name } = series;
    const value = element("span", "legend-value");
    const unit = element("bdi", "legend-unit");
    const stats = element("span", "legend-stats");
    const button = element("button", "legend-entry", element("span", "swatch"), element("bdi", "series-name", name));
    button.append(element("span", "legend-reading", value, unit), stats);
    button.type = "button";
    button.title = name;
    button.dataset.series = name;
    button.addEventListener("click", () => this.choices.toggle(name));
    const only = element("button", "legend-only", "Only");
    only.type = "button";
    only.setAttribute("aria-label", `Only ${name}`);
    only.addEventListener("click", () => this.choices.isolate(name));
    const correct = element("button", "legend-edit", "Edit");
    correct.type = "button";
    correct.setAttribute("aria-label", `Edit ${name}`);
    correct.setAttribute("aria-haspopup", "dialog");
    correct.addEventListener("click", () => this.choices.correct(series));
    const item = element("li", "", button, element("span", "legend-actions", correct, only));
    return { series, item, button, only, value, unit, stats, seen: "", said: "" };
  }
}

/**
 * @param {HTMLElement} target
 * @param {string} text
 */
function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
