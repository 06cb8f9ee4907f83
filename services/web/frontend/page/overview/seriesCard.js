import { formatAge, formatSeriesParts } from "../../format.js";
import { createElement, setText } from "../dom.js";
import { Sparkline } from "./sparkline.js";

/** @typedef {import("./overviewSeries.js").OverviewSeries} OverviewSeries */

/** A sparkline is drawn again at most this often because of new readings. */
const MIN_DRAW_INTERVAL_MS = 1_000;

/** The element of one series: a box to select it, and a link with value, sparkline and freshness. */
export class SeriesCard {
  /** True once it shows its series. */
  isFilled = false;
  #drawnAt = -Infinity;
  #drawnRevision = -1;
  #drawnSpan = 0;

  /**
   * @param {OverviewSeries} series
   * @param {string} label
   * @param {object} options
   * @param {string} options.address of the chart
   * @param {boolean} options.isSelected
   * @param {(name: string, isSelected: boolean) => void} options.onSelect
   */
  constructor(series, label, { address, isSelected, onSelect }) {
    this.series = series;
    this.box = createElement("input", "");
    this.box.type = "checkbox";
    this.box.checked = isSelected;
    this.box.setAttribute("aria-label", `Select ${label}`);
    this.box.addEventListener("change", () => onSelect(series.name, this.box.checked));
    this.sparkline = new Sparkline();
    this.value = createElement("bdi", "overview-value");
    this.age = createElement("span", "overview-age");
    const text = createElement("bdi", "overview-label", label);
    text.title = series.name;
    const { element } = this.sparkline;
    this.link = createElement("a", "overview-link", text, element, this.value, this.age);
    this.link.href = address;
    this.element = createElement("div", "overview-card", this.box, this.link);
    this.element.dataset.name = series.name;
  }

  /** @param {boolean} isHighlighted */
  highlight(isHighlighted) {
    this.element.classList.toggle("highlighted", isHighlighted);
  }

  /** Force a drawing with the next update. */
  invalidate() {
    this.#drawnRevision = -1;
    this.#drawnAt = -Infinity;
  }

  /**
   * Show the newest reading, and draw the sparkline if it has changed.
   *
   * @param {object} options
   * @param {number} options.now seconds
   * @param {number} options.spanSeconds length of the sparkline
   * @param {number} options.frameTime milliseconds
   */
  update({ now, spanSeconds, frameTime }) {
    this.isFilled = true;
    const { series } = this;
    const { newest } = series;
    if (newest) {
      const { number, unit } = formatSeriesParts(series, newest.value);
      setText(this.value, unit ? `${number} ${unit}` : number);
    }
    setText(this.age, newest ? formatAge(now - newest.time) : "no readings");
    this.element.classList.toggle("late", series.isLate(now));
    const isDue = frameTime - this.#drawnAt >= MIN_DRAW_INTERVAL_MS;
    const isDrawn = this.#drawnRevision === series.revision && this.#drawnSpan === spanSeconds;
    if (!isDue || isDrawn) return;
    this.#drawnAt = frameTime;
    this.#drawnRevision = series.revision;
    this.#drawnSpan = spanSeconds;
    this.sparkline.draw(series, now - spanSeconds, now);
  }
}
