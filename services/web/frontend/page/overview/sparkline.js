/** @typedef {import("./overviewSeries.js").OverviewSeries} OverviewSeries */

/** Size of a sparkline in CSS pixels, as in the style sheet: to measure it would cost a layout. */
const WIDTH = 96;
const HEIGHT = 26;
const LINE_PIXELS = 1.5;
/** Space above and below the line. */
const MARGIN_PIXELS = 3;
/** Height of the line of a state that is off, as a share of its band. */
const BASE_SHARE = 0.12;

/**
 * Draw the history of a series up to now, without axes. A state is a band while it is not zero.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {OverviewSeries} series
 * @param {object} options
 * @param {number} options.from start of the drawing in seconds
 * @param {number} options.now its end
 * @param {string} options.color of a series without a colour of its own
 */
export function drawSparkline(canvas, series, { from, now, color }) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(WIDTH * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.strokeStyle = context.fillStyle = series.listed.color ?? color;
  context.lineWidth = LINE_PIXELS;
  context.lineJoin = "round";
  const xOf = (/** @type {number} */ time) => (WIDTH * (time - from)) / (now - from);
  if (series.kind === "state") drawState(context, series, { from, now, xOf });
  else drawLine(context, series, { from, now, xOf });
}

/** @typedef {{ from: number, now: number, xOf: (time: number) => number }} Frame */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {OverviewSeries} series
 * @param {Frame} frame
 */
function drawLine(context, { layers: [columns], newest }, { from, now, xOf }) {
  const times = columns ? [...columns.t] : [];
  const values = columns ? [...columns.mean] : [];
  if (newest && newest.time >= from && newest.time > (times.at(-1) ?? -Infinity)) {
    times.push(newest.time);
    values.push(newest.value);
  }
  if (!times.length) return;
  const { gapSeconds = Infinity, bucketSeconds = 0 } = columns ?? {};
  const min = Math.min(...values);
  const range = Math.max(...values) - min;
  const room = HEIGHT - 2 * MARGIN_PIXELS;
  const yOf = (/** @type {number} */ value) =>
    range ? HEIGHT - MARGIN_PIXELS - (room * (value - min)) / range : HEIGHT / 2;
  context.beginPath();
  for (const [i, time] of times.entries()) {
    // A bucket stands for its middle, the newest reading for itself.
    const isBucket = i < (columns?.end ?? 0);
    const x = xOf(Math.min(now, time + (isBucket ? bucketSeconds / 2 : 0)));
    const y = yOf(values[i]);
    const isAlone = i === 0 || time - times[i - 1] > Math.max(gapSeconds, bucketSeconds * 1.5);
    if (isAlone) context.moveTo(x - 1, y);
    context.lineTo(x, y);
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {OverviewSeries} series
 * @param {Frame} frame
 */
function drawState(context, { layers: [columns], before, newest }, { from, now, xOf }) {
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
  const top = MARGIN_PIXELS;
  const room = HEIGHT - 2 * MARGIN_PIXELS;
  for (const [i, { time, value }] of steps.entries()) {
    const [start, end] = [xOf(time), xOf(steps[i + 1]?.time ?? now)];
    const share = value ? 1 : BASE_SHARE;
    // An opening of a minute is less than a pixel wide, and must still be seen.
    const width = Math.max(value ? 1 : 0, end - start);
    context.fillRect(start, top + room * (1 - share), width, room * share);
  }
}
