/** @typedef {{ x: number, y: number, color: string }} Mark in pixels of the canvas */
/**
 * @typedef {object} Marked
 * @property {() => Mark[]} lone
 * @property {() => Mark[]} heads
 * @property {() => void} pick
 * @property {Mark[]} picked
 * @property {import("./theme.js").Theme} theme
 */

/** Draws over the lines: points that no line shows, the newest readings, the ones pointed at. */
export class Marks {
  id = "marks";

  /** @param {Marked} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  afterDatasetsDraw({ ctx, chartArea }) {
    this.source.pick();
    const { picked, theme } = this.source;
    const { left, right, top, bottom } = chartArea;
    const inside = (/** @type {Mark} */ { x }) => x >= left - 0.5 && x <= right + 1;
    for (const mark of this.source.lone().filter(inside)) dot(ctx, mark, 2);
    for (const mark of this.source.heads().filter(inside)) {
      ctx.globalAlpha = 0.25;
      dot(ctx, mark, 7);
      ctx.globalAlpha = 1;
      dot(ctx, mark, 3.5);
    }
    if (!picked.length) return;
    ctx.fillStyle = theme.muted;
    ctx.fillRect(Math.round(picked[0].x), top, 1, bottom - top);
    for (const mark of picked) {
      dot(ctx, { ...mark, color: theme.ground }, 6);
      dot(ctx, mark, 4);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Mark} mark
 * @param {number} radius
 */
function dot(ctx, { x, y, color }, radius) {
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
