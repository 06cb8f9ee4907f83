/** @typedef {import("./overviewSeries.js").OverviewSeries} OverviewSeries */

/** Size of a sparkline, in the units of its element. */
const WIDTH = 96;
const HEIGHT = 26;
/** Space above and below the line. */
const MARGIN = 3;
/** Height of the line of a state that is off, as a share of its band. */
const BASE_SHARE = 0.12;
const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * The history of a series up to now as a small picture, without axes.
 *
 * It is SVG because each canvas is a layer of its own, which nearly doubled the time of a frame
 * while the page scrolled.
 */
export class Sparkline {
  element = document.createElementNS(NAMESPACE, "svg");
  #path = document.createElementNS(NAMESPACE, "path");
  #d = "";

  constructor() {
    this.element.setAttribute("class", "overview-spark");
    this.element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.#path);
  }

  /**
   * Draw a series. A state is a band while it is not zero.
   *
   * @param {OverviewSeries} series
   * @param {number} from start of the drawing in seconds
   * @param {number} now its end
   */
  draw(series, from, now) {
    const xOf = (/** @type {number} */ time) => round((WIDTH * (time - from)) / (now - from));
    const isState = series.kind === "state";
    const d = (isState ? statePath : linePath)(series, { from, now, xOf });
    this.element.style.color = series.listed.color ?? "";
    if (d === this.#d) return;
    this.#d = d;
    this.#path.setAttribute("d", d);
    this.#path.setAttribute("class", isState ? "band" : "");
  }
}

/** @typedef {{ from: number, now: number, xOf: (time: number) => number }} Frame */

/** @param {number} value */
const round = (value) => Math.round(10 * value) / 10;

/**
 * @param {OverviewSeries} series
 * @param {Frame} frame
 */
function linePath({ layers: [columns], newest }, { from, now, xOf }) {
  const times = columns ? [...columns.t] : [];
  const values = columns ? [...columns.mean] : [];
  if (newest && newest.time >= from && newest.time > (times.at(-1) ?? -Infinity)) {
    times.push(newest.time);
    values.push(newest.value);
  }
  if (!times.length) return "";
  const { gapSeconds = Infinity, bucketSeconds = 0 } = columns ?? {};
  const min = Math.min(...values);
  const range = Math.max(...values) - min;
  const room = HEIGHT - 2 * MARGIN;
  const yOf = (/** @type {number} */ value) =>
    range ? round(HEIGHT - MARGIN - (room * (value - min)) / range) : HEIGHT / 2;
  let path = "";
  for (const [i, time] of times.entries()) {
    // A bucket stands for its middle, the newest reading for itself.
    const isBucket = i < (columns?.end ?? 0);
    const x = xOf(Math.min(now, time + (isBucket ? bucketSeconds / 2 : 0)));
    const y = yOf(values[i]);
    const isAlone = i === 0 || time - times[i - 1] > Math.max(gapSeconds, bucketSeconds * 1.5);
    if (isAlone) path += `M${round(x - 1)} ${y}`;
    path += `L${x} ${y}`;
  }
  return path;
}

/**
 * @param {OverviewSeries} series
 * @param {Frame} frame
 */
function statePath({ layers: [columns], before, newest }, { from, now, xOf }) {
  const steps = [];
  if (before) steps.push({ time: from, value: before.value });
  for (let i = 0; i < (columns?.end ?? 0); i++) {
    steps.push({ time: Math.max(from, columns.t[i]), value: columns.max[i] });
    // What a bucket ends with is not known; its minimum shows that the state ended in it.
    if (columns.min[i] !== columns.max[i]) {
      steps.push({ time: columns.t[i] + columns.bucketSeconds, value: columns.min[i] });
    }
  }
  if (newest && newest.time >= (steps.at(-1)?.time ?? -Infinity)) {
    steps.push({ time: Math.max(from, newest.time), value: newest.value });
  }
  let path = "";
  const room = HEIGHT - 2 * MARGIN;
  for (const [i, { time, value }] of steps.entries()) {
    const [start, end] = [xOf(time), xOf(steps[i + 1]?.time ?? now)];
    const share = value ? 1 : BASE_SHARE;
    // An opening of a minute is less than a pixel wide, and must still be seen.
    const width = Math.max(value ? 1 : 0, end - start);
    const height = round(room * share);
    path += `M${start} ${HEIGHT - MARGIN}v${-height}h${round(width)}v${height}z`;
  }
  return path;
}
