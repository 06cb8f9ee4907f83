/**
 * Limit of a value axis: a line where `from` equals `to`, otherwise a band. An infinite end leaves
 * the band open on that side.
 *
 * @typedef {{ from: number, to: number, color?: string, label?: string }} Limit
 */

/** Of the shade outside a band, which is soft: the line may well be there. */
const OUTSIDE_OPACITY = 0.07;
const DASH = [6, 4];
const LABEL_SIZE = 11;
/** Pixels at the left of a label; one that is wider than the chart is left out. */
const LABEL_MARGIN = 6;

/**
 * Chart.js plugin that draws limits behind the lines: a dashed line at each end of a band, and a
 * shade outside it.
 */
export class LimitLines {
  id = "limit-lines";

  /** @param {{ limits: Limit[], theme: import("./theme.js").Theme }} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const { limits, theme } = this.source;
    if (!limits.length) return;
    const { left, right, top, bottom } = chartArea;
    const pixelOf = (/** @type {number} */ value) =>
      Math.min(bottom, Math.max(top, scales.y.getPixelForValue(value)));
    ctx.save();
    for (const { from, to, color, label } of limits) {
      ctx.fillStyle = ctx.strokeStyle = color ?? theme.limit;
      const bandTop = pixelOf(Math.max(from, to));
      const bandBottom = pixelOf(Math.min(from, to));
      ctx.globalAlpha = OUTSIDE_OPACITY;
      if (from !== to) {
        ctx.fillRect(left, top, right - left, bandTop - top);
        ctx.fillRect(left, bandBottom, right - left, bottom - bandBottom);
      }
      ctx.globalAlpha = 1;
      ctx.setLineDash(DASH);
      ctx.beginPath();
      for (const y of new Set([bandTop, bandBottom])) {
        if (y <= top || y >= bottom) continue;
        ctx.moveTo(left, Math.round(y) + 0.5);
        ctx.lineTo(right, Math.round(y) + 0.5);
      }
      ctx.stroke();
      if (!label || bandBottom <= top || bandTop >= bottom) continue;
      ctx.font = `600 ${LABEL_SIZE}px ${theme.font}`;
      ctx.textAlign = "left";
      if (ctx.measureText(label).width > right - left - LABEL_MARGIN) continue;
      const fitsAbove = bandTop - top > LABEL_SIZE + 4;
      ctx.textBaseline = fitsAbove ? "bottom" : "top";
      ctx.fillText(label, left + LABEL_MARGIN, fitsAbove ? bandTop - 2 : bandTop + 3);
    }
    ctx.restore();
  }
}
