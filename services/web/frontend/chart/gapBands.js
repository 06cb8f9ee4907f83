/** @typedef {import("../store/seriesStore.js").Gap} Gap */
/** @typedef {{ left: number, right: number, top: number, bottom: number }} PlotArea in pixels */
/** @typedef {{ start: number, left: number, right: number }} GapBand `start` may be outside */

/** A stretch is this wide at least, in pixels, however short it was. */
const LEAST_WIDTH = 5;
/** Pixels between two lines of the hatching. */
const SPACING = 8;
const LABEL = "missing";
const LABEL_TOP = 12;

/** Draws where history is known to be missing, behind the lines: hatched, and named if it fits. */
export class GapBands {
  id = "bands";

  /** @param {{ gaps: Gap[], theme: import("./theme.js").Theme }} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const { gaps, theme } = this.source;
    for (const band of placeGapBands(gaps, scales.x, chartArea)) draw(ctx, band, chartArea, theme);
  }
}

/**
 * Where the stretches lie that can be seen; what overlaps is one.
 *
 * @param {Gap[]} gaps
 * @param {{ min: number, max: number }} window seconds
 * @param {{ left: number, right: number }} area
 * @returns {GapBand[]} from left to right
 */
export function placeGapBands(gaps, { min, max }, { left, right }) {
  const place = (/** @type {number} */ time) =>
    left + ((time - min) / (max - min)) * (right - left);
  /** @type {GapBand[]} */
  const bands = [];
  const all = gaps.map(({ from, to }) => [place(from ?? min), place(to ?? max)]);
  for (const [start, end] of all.sort(([a], [b]) => a - b)) {
    const room = Math.max(0, LEAST_WIDTH - (end - start)) / 2;
    const band = {
      start: start - room,
      left: Math.max(left, start - room),
      right: Math.min(right, end + room),
    };
    const last = bands.at(-1);
    if (band.right <= band.left) continue;
    if (last && band.left <= last.right) last.right = Math.max(last.right, band.right);
    else bands.push(band);
  }
  return bands;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {GapBand} band
 * @param {PlotArea} area
 * @param {import("./theme.js").Theme} theme
 */
function draw(ctx, { start, left, right }, { top, bottom }, theme) {
  const height = bottom - top;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left - 0.5, top, right - left + 1, height);
  ctx.clip();
  ctx.fillStyle = ctx.strokeStyle = theme.missing;
  ctx.globalAlpha = 0.12;
  ctx.fillRect(left, top, right - left, height);
  ctx.globalAlpha = 0.45;
  ctx.beginPath();
  // The lines belong to the stretch and slide with it.
  const first = start + Math.floor((left - height - start) / SPACING) * SPACING;
  for (let x = first; x < right; x += SPACING) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.fillRect(Math.round(left), top, 1, height);
  ctx.fillRect(Math.round(right) - 1, top, 1, height);
  label(ctx, left, right, top, theme);
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} left
 * @param {number} right
 * @param {number} top
 * @param {import("./theme.js").Theme} theme
 */
function label(ctx, left, right, top, theme) {
  ctx.font = `600 11px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const width = ctx.measureText(LABEL).width + 10;
  if (width > right - left) return;
  const middle = (left + right) / 2;
  ctx.fillStyle = theme.background;
  ctx.fillRect(middle - width / 2, top + LABEL_TOP - 9, width, 18);
  ctx.fillStyle = theme.missing;
  ctx.fillText(LABEL, middle, top + LABEL_TOP);
}
