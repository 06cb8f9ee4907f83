/**
 * @typedef {{ from: number, to: number, color?: string, label?: string }} Limit values: a line where
 *   both are one, else a band; infinite ones are open to that side
 */

const OPACITY = 0.12;
const DASH = [6, 4];
const LABEL_SIZE = 11;

/** Draws limits behind the lines: a band, with a dashed line at each of its ends. */
export class LimitLines {
  id = "limits";

  /** @param {{ limits: Limit[], theme: import("./theme.js").Theme }} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const { limits, theme } = this.source;
    if (!limits.length) return;
    const { left, right, top, bottom } = chartArea;
    const place = (/** @type {number} */ value) =>
      Math.min(bottom, Math.max(top, scales.y.getPixelForValue(value)));
    ctx.save();
    for (const { from, to, color, label } of limits) {
      ctx.fillStyle = ctx.strokeStyle = color ?? theme.limit;
      const [high, low] = [place(Math.max(from, to)), place(Math.min(from, to))];
      ctx.globalAlpha = OPACITY;
      ctx.fillRect(left, high, right - left, low - high);
      ctx.globalAlpha = 1;
      ctx.setLineDash(DASH);
      ctx.beginPath();
      for (const y of new Set([high, low])) {
        if (y <= top || y >= bottom) continue;
        ctx.moveTo(left, Math.round(y) + 0.5);
        ctx.lineTo(right, Math.round(y) + 0.5);
      }
      ctx.stroke();
      if (!label || low <= top || high >= bottom) continue;
      ctx.font = `600 ${LABEL_SIZE}px ${theme.font}`;
      ctx.textAlign = "left";
      const above = high - top > LABEL_SIZE + 4;
      ctx.textBaseline = above ? "bottom" : "top";
      ctx.fillText(label, left + 6, above ? high - 2 : high + 3);
    }
    ctx.restore();
  }
}
