/** @typedef {{ x: number, y: number, color: string }} Mark in pixels of the canvas */
/**
 * @typedef {object} Marked
 * @property {() => Mark[]} heads
 * @property {() => { x: number, marks: Mark[] } | null} crossing
 * @property {import("./theme.js").Theme} theme
 */

/** Draws over the lines: where they end now, and what is pointed at. */
export class Marks {
  id = "marks";

  /** @param {Marked} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  afterDatasetsDraw({ ctx, chartArea }) {
    const { theme } = this.source;
    const { left, right, top, bottom } = chartArea;
    const inside = (/** @type {{ x: number }} */ { x }) => x >= left - 0.5 && x <= right + 1;
    for (const mark of this.source.heads().filter(inside)) {
      ctx.globalAlpha = 0.25;
      dot(ctx, mark, 7);
      ctx.globalAlpha = 1;
      dot(ctx, mark, 3.5);
    }
    const crossing = this.source.crossing();
    if (!crossing || !inside(crossing)) return;
    ctx.fillStyle = theme.muted;
    ctx.fillRect(Math.round(crossing.x), top, 1, bottom - top);
    for (const mark of crossing.marks.filter(inside)) {
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
