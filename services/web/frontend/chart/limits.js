/** @typedef {{ low: number, high: number }} Limit a line where both are the same */
/** @typedef {{ left: number, right: number, top: number, bottom: number }} Area in pixels */

/** Draws limits behind the lines: a dashed line for a value, a tinted band for a range. */
export class Limits {
  id = "limits";

  /** @param {{ limits: Limit[], theme: import("./theme.js").Theme }} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const { limits, theme } = this.source;
    for (const { low, high } of limits) {
      const [lower, upper] = [low, high].map((value) => scales.y.getPixelForValue(value));
      draw(ctx, { lower, upper }, chartArea, theme.limit);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{ lower: number, upper: number }} edges in pixels, `lower` further down
 * @param {Area} area
 * @param {string} color
 */
function draw(ctx, { lower, upper }, { left, right, top, bottom }, color) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  ctx.fillStyle = ctx.strokeStyle = color;
  ctx.globalAlpha = 0.1;
  ctx.fillRect(left, upper, right - left, lower - upper);
  ctx.globalAlpha = 0.9;
  ctx.lineWidth = 1;
  ctx.setLineDash([6, 4]);
  for (const edge of new Set([lower, upper])) {
    const y = Math.round(edge) + 0.5;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
  }
  ctx.restore();
}
