import { formatWithUnit } from "../../format.js";
import { element } from "../element.js";
import { placeOf } from "./tooltipPosition.js";

/** @typedef {import("./tooltipPosition.js").Area} Area */
/** @typedef {import("../../chart/crosshair.js").CrosshairPoint} Picked */

/** The box beside the pointer: the time, and the value of each line there. */
export class Readout {
  #place = -1;

  /** @param {import("../../format.js").TimeFormat} format */
  constructor(format) {
    this.format = format;
    this.element = element("div", "tooltip");
    this.element.hidden = true;
  }

  hide() {
    this.element.hidden = true;
    this.#place = -1;
  }

  /**
   * @param {number} time seconds
   * @param {number} column seconds of a pixel
   * @param {Picked[]} values what each line has there
   * @param {number} x of the pointer
   * @param {Area} area where to place the box
   * @param {import("./tooltipPosition.js").Point[]} points of the lines, which it is not to cover
   */
  show(time, column, values, x, area, points) {
    this.element.hidden = false;
    const inOrder = [...values].sort((a, b) => rank(b) - rank(a));
    this.element.replaceChildren(
      element("time", "", this.format.dateTime(time, column)),
      ...inOrder.map((value) => row(value)),
    );
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const found = placeOf({ width, height }, x, area, points, this.#place);
    this.#place = found.place;
    const [left, top] = [found.x, found.y].map(Math.round);
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}

/** @param {Picked} picked */
const rank = ({ value }) => value ?? -Infinity;

/** @param {Picked} picked */
function row(picked) {
  const swatch = element("span", "swatch");
  swatch.style.setProperty("--line", picked.color);
  const value = element("bdi", picked.value === null ? "tooltip-value tooltip-missing" : "tooltip-value", inWords(picked));
  return element("p", "", swatch, element("bdi", "series-name", picked.series.name), value);
}

/** @param {Picked} picked */
function inWords({ series: { unit }, value, min, max }) {
  if (value === null) return "no data";
  if (min === null || max === null || min === max) return formatWithUnit(value, unit);
  return `${formatWithUnit(value, unit)} (${formatWithUnit(min, unit)} to ${formatWithUnit(max, unit)})`;
}
