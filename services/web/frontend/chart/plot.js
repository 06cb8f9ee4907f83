import { Chart, LineController, LineElement, LinearScale, PointElement } from "chart.js";

import { lineOf } from "../store/line.js";
import { formatTick } from "../format.js";
import { timeAxis, valueAxis } from "./axes.js";
import { Bands } from "./bands.js";
import { Marks } from "./marks.js";
import { lookOf } from "./palette.js";
import { fitRange } from "./range.js";
import { valueTicks } from "./ticks.js";

Chart.register(LineController, LineElement, LinearScale, PointElement);

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../store/line.js").Line} Line */
/** @typedef {import("./marks.js").Mark} Mark */
/** @typedef {Mark & { series: Series, time: number, value: number }} Reading on the canvas */

const LABEL_HEIGHT = 36;
const MOST_STEPS = 8;
/** Pixels from the pointer to a reading that it still picks. */
const REACH = 60;
/** Seconds after which lines are made anew although nothing came: old readings have left. */
const REFRESH = 1;
/** New readings are drawn within this time, in seconds, also where they hardly show. */
const MOST_DELAY = 0.5;
/** With more lines than this in a chart, they are thinner. */
const FEW_LINES = 8;

/** One chart: the lines of series with one unit over a window that slides. */
export class Plot {
  /** Readings in the window. */
  count = 0;
  /** Where is pointed at, in pixels. @type {number | null} */
  pointer = null;
  /** The readings that are pointed at, the nearest first. @type {Reading[]} */
  picked = [];
  /** @type {{ range: import("./range.js").Range | null, width: number }} */
  #axis = { range: null, width: 48 };
  /** The series that are drawn, and the line of each. @type {Series[]} */
  #series = [];
  /** @type {Line[]} */
  #lines = [];
  /** @type {import("../store/store.js").Gap[]} */
  #gaps = [];
  #made = { state: "", look: "", at: -Infinity };
  #drawnAt = -Infinity;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./theme.js").Theme} theme
   * @param {import("../format.js").TimeFormat} format
   */
  constructor(canvas, theme, format) {
    this.theme = theme;
    this.chart = new Chart(canvas, {
      type: /** @type {const} */ ("line"),
      data: { datasets: [] },
      options: {
        animation: false,
        maintainAspectRatio: false,
        events: [],
        parsing: false,
        normalized: true,
        layout: { padding: { top: 10, right: 4 } },
        elements: { point: { radius: 0, hitRadius: 0 }, line: { borderJoinStyle: "round" } },
        scales: { x: timeAxis(theme, format), y: valueAxis(theme, this.#axis) },
      },
      plugins: [new Bands(this), new Marks(this)],
    });
  }

  /** Where lines are drawn, in pixels. */
  get area() {
    return this.chart.chartArea;
  }

  /** The width that the labels of the value axis need, in pixels. */
  get labelWidth() {
    const { range } = this.#axis;
    if (!range) return 0;
    const { ctx } = this.chart;
    ctx.font = `12px ${this.theme.font}`;
    const widths = valueTicks(range).map(
      (value) => ctx.measureText(formatTick(value, range.step)).width,
    );
    return Math.ceil(Math.max(0, ...widths) / 8) * 8 + 12;
  }

  /** @param {number} width pixels of the value axis, the same for all charts of the page */
  set axisWidth(width) {
    if (width === this.#axis.width) return;
    this.#axis.width = width;
    this.invalidate();
  }

  /** Stretches that are known to be missing, in the order of time. */
  get gaps() {
    return this.#gaps;
  }

  set gaps(gaps) {
    if (gaps === this.#gaps) return;
    this.#gaps = gaps;
    this.invalidate();
  }

  destroy() {
    this.chart.destroy();
  }

  /** Draw in the next frame, whatever has changed. */
  invalidate() {
    this.#drawnAt = -Infinity;
  }

  /**
   * Draw the window that ends at `now`, if that would look any different.
   *
   * @param {number} now seconds
   * @param {number} span seconds
   * @param {Series[]} series
   * @returns {boolean} whether it has drawn
   */
  draw(now, span, series) {
    const width = this.chart.chartArea?.width || 1;
    const column = span / width;
    const fresh = this.#isFresh(now, span, width, series);
    const slid = Math.abs(now - this.#drawnAt) >= column / 2 / devicePixelRatio;
    if (!fresh && !slid) return false;
    if (fresh) this.#make(now - span, now, column, series);
    this.#drawnAt = now;
    const { x, y } = /** @type {Record<string, any>} */ (this.chart.options.scales);
    x.min = now - span;
    x.max = now;
    y.min = this.#axis.range?.min ?? 0;
    y.max = this.#axis.range?.max ?? 1;
    this.chart.update("none");
    return true;
  }

  /** Find the reading of each line that is nearest to where is pointed at. */
  pick() {
    const { pointer } = this;
    this.picked = pointer === null ? [] : this.#lines.flatMap((_, i) => this.#nearest(i, pointer));
    this.picked.sort((a, b) => Math.abs(a.x - Number(pointer)) - Math.abs(b.x - Number(pointer)));
  }

  /** Points that no line shows, for they have a gap on both sides. @returns {Mark[]} */
  lone() {
    return this.#lines.flatMap(({ lone }, i) => lone.map((j) => this.#mark(i, j)));
  }

  /** The newest reading of each line. @returns {Mark[]} */
  heads() {
    return this.#lines.flatMap(({ points }, i) => {
      const end = points.length - 1;
      return end >= 0 && points[end].x === this.#series[i].last?.time ? [this.#mark(i, end)] : [];
    });
  }

  /**
   * Whether the lines must be made anew. Where a reading moves less than a pixel, new ones are
   * waited for a little and drawn together.
   *
   * @param {number} now
   * @param {number} span
   * @param {number} width
   * @param {Series[]} series
   */
  #isFresh(now, span, width, series) {
    const look = `${this.theme.revision} ${span} ${width} ${series.map(({ slot }) => slot)}`;
    const state = `${series.map(({ revision }) => revision)}`;
    const age = now - this.#made.at;
    const delay = Math.min(MOST_DELAY, span / width / 2);
    const isNew = look !== this.#made.look || age < 0 || age >= REFRESH;
    if (!isNew && (state === this.#made.state || age < delay)) return false;
    this.#made = { state, look, at: now };
    return true;
  }

  /**
   * @param {number} from
   * @param {number} to
   * @param {number} column
   * @param {Series[]} series
   */
  #make(from, to, column, series) {
    this.#series = series;
    this.#lines = series.map((one) => lineOf(one, from, to, column));
    this.count = this.#lines.reduce((sum, { count }) => sum + count, 0);
    const low = Math.min(...this.#lines.map((line) => line.low));
    const high = Math.max(...this.#lines.map((line) => line.high));
    const room = Math.floor((this.chart.chartArea?.height ?? 0) / LABEL_HEIGHT);
    const most = Math.min(MOST_STEPS, Math.max(2, room));
    if (low <= high) this.#axis.range = fitRange(this.#axis.range, low, high, most);
    const borderWidth = series.length > FEW_LINES ? 1.25 : 2;
    this.chart.data.datasets = series.map(({ slot }, i) => {
      const { color, dash } = lookOf(slot, this.theme.dark);
      return { data: this.#lines[i].points, borderColor: color, borderDash: dash, borderWidth };
    });
  }

  /**
   * @param {number} i of the line
   * @param {number} place pixels
   * @returns {Reading[]} one, or none within reach
   */
  #nearest(i, place) {
    const scale = this.chart.scales.x;
    const { points } = this.#lines[i];
    let best = -1;
    let least = REACH;
    for (const [j, point] of points.entries()) {
      const distance = Math.abs(scale.getPixelForValue(point.x) - place);
      if (distance > least || Number.isNaN(point.y)) continue;
      least = distance;
      best = j;
    }
    if (best < 0) return [];
    const { x: time, y: value } = points[best];
    return [{ series: this.#series[i], time, value, ...this.#mark(i, best) }];
  }

  /**
   * @param {number} i of the line
   * @param {number} j of its point
   * @returns {Mark}
   */
  #mark(i, j) {
    const { x, y } = this.#lines[i].points[j];
    const { scales } = this.chart;
    return {
      x: scales.x.getPixelForValue(x),
      y: scales.y.getPixelForValue(y),
      color: lookOf(this.#series[i].slot, this.theme.dark).color,
    };
  }
}
