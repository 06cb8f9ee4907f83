/** @typedef {import("../store/seriesStore.js").Gap} Gap */
/** @typedef {{ left: number, right: number, top: number, bottom: number }} PlotArea in pixels */
/**
 * Gap in pixels, cut off at the edges of the plot. `start` is its uncut left end.
 *
 * @typedef {{ start: number, left: number, right: number }} GapBand
 */

/** The shortest gap is still this wide, in pixels. */
const MIN_WIDTH = 5;
/** Pixels between two lines of the hatching. */
const HATCH_SPACING = 8;
const LABEL = "missing";
/** Pixels from the top of the plot to the middle of the label. */
const LABEL_TOP = 12;

/** Chart.js plugin that hatches gaps behind the lines, with a label where it fits. */
export class GapBands {
  id = "gap-bands";

  /** @param {{ gaps: Gap[], theme: import("./theme.js").Theme }} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const { gaps, theme } = this.source;
    for (const band of placeGapBands(gaps, scales.x, chartArea)) {
      drawBand(ctx, band, chartArea, theme);
    }
  }
}

/**
 * Return the visible bands from left to right; overlapping gaps become one band.
 *
 * @param {Gap[]} gaps
 * @param {{ min: number, max: number }} window seconds
 * @param {{ left: number, right: number }} area pixels
 * @returns {GapBand[]}
 */
export function placeGapBands(gaps, { min, max }, { left, right }) {
  const pixelOf = (/** @type {number} */ time) =>
    left + ((time - min) / (max - min)) * (right - left);
  /** @type {GapBand[]} */
  const bands = [];
  const intervals = gaps.map(({ from, to }) => [pixelOf(from ?? min), pixelOf(to ?? max)]);
  for (const [start, end] of intervals.sort(([a], [b]) => a - b)) {
    const padding = Math.max(0, MIN_WIDTH - (end - start)) / 2;
    const band = {
      start: start - padding,
      left: Math.max(left, start - padding),
      right: Math.min(right, end + padding),
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
function drawBand(ctx, { start, left, right }, { top, bottom }, theme) {
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
  // The hatching is aligned to the start of the gap, so it slides with the window.
  const first = start + Math.floor((left - height - start) / HATCH_SPACING) * HATCH_SPACING;
  for (let x = first; x < right; x += HATCH_SPACING) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.fillRect(Math.round(left), top, 1, height);
  ctx.fillRect(Math.round(right) - 1, top, 1, height);
  drawLabel(ctx, left, right, top, theme);
  ctx.restore();
}

/**
 * Draw the label if the band is wide enough.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} left
 * @param {number} right
 * @param {number} top
 * @param {import("./theme.js").Theme} theme
 */
function drawLabel(ctx, left, right, top, theme) {
  ctx.font = `600 11px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const width = ctx.measureText(LABEL).width + 10;
  if (width > right - left) return;
  const center = (left + right) / 2;
  ctx.fillStyle = theme.background;
  ctx.fillRect(center - width / 2, top + LABEL_TOP - 9, width, 18);
  ctx.fillStyle = theme.missing;
  ctx.fillText(LABEL, center, top + LABEL_TOP);
}
