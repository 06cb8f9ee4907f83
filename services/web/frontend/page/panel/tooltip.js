import { formatWithUnit } from "../../format.js";
import { createElement } from "../dom.js";
import { tooltipPosition } from "./tooltipPosition.js";

/** @typedef {import("./tooltipPosition.js").Area} Area */
/** @typedef {import("./tooltipPosition.js").Point} Point */
/** @typedef {import("../../chart/crosshair.js").CrosshairPoint} CrosshairPoint */

/** The box beside the pointer with the time and the value of each line. */
export class Tooltip {
  /** Slot of the current position; -1 while hidden. */
  #slot = -1;

  /** @param {import("../../format.js").TimeFormat} format */
  constructor(format) {
    this.format = format;
    this.element = createElement("div", "tooltip");
    this.element.hidden = true;
  }

  hide() {
    this.element.hidden = true;
    this.#slot = -1;
  }

  /**
   * Show the values at a time, the highest first.
   *
   * @param {number} time seconds
   * @param {number} columnSeconds seconds in one column of pixels
   * @param {CrosshairPoint[]} values
   * @param {number} x of the pointer
   * @param {Area} area where the tooltip fits
   * @param {Point[]} points of the lines, which it should not cover
   */
  show(time, columnSeconds, values, x, area, points) {
    this.element.hidden = false;
    const sorted = [...values].sort((a, b) => rank(b) - rank(a));
    this.element.replaceChildren(
      createElement("time", "", this.format.dateTime(time, columnSeconds)),
      ...sorted.map((value) => createRow(value)),
    );
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const position = tooltipPosition({ width, height }, x, area, points, this.#slot);
    this.#slot = position.slot;
    const [left, top] = [position.x, position.y].map(Math.round);
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}

/** @param {CrosshairPoint} point */
const rank = ({ value }) => value ?? -Infinity;

/** @param {CrosshairPoint} point */
function createRow(point) {
  const swatch = createElement("span", "swatch");
  swatch.style.setProperty("--line", point.color);
  const name = createElement("bdi", "series-name", point.series.name);
  const value = createElement("bdi", "tooltip-value", valueText(point));
  value.classList.toggle("tooltip-missing", point.value === null);
  return createElement("p", "", swatch, name, value);
}

/** @param {CrosshairPoint} point */
function valueText({ series: { unit }, value, min, max }) {
  if (value === null) return "no data";
  const text = formatWithUnit(value, unit);
  if (min === null || max === null || min === max) return text;
  return `${text} (${formatWithUnit(min, unit)} to ${formatWithUnit(max, unit)})`;
}
