/** @typedef {{ x: number, y: number, color: string }} Marker in pixels of the canvas */
/**
 * @typedef {object} OverlaySource
 * @property {() => Marker[]} lineEnds
 * @property {() => { x: number, markers: Marker[] } | null} crosshairMarkers
 * @property {{ from: number, to: number } | null} selection seconds
 * @property {import("./theme.js").Theme} theme
 */

const SELECTED = 0.12;

/** Draws over the lines: where they end now, what is pointed at, and what is selected. */
export class Overlay {
  id = "marks";

  /** @param {OverlaySource} source */
  constructor(source) {
    this.source = source;
  }

  /** @param {import("chart.js").Chart} chart */
  afterDatasetsDraw({ ctx, chartArea, scales }) {
    const { theme, selection } = this.source;
    const { left, right, top, bottom } = chartArea;
    if (selection) {
      const [start, end] = [selection.from, selection.to].map((time) =>
        Math.min(right, Math.max(left, scales.x.getPixelForValue(time))),
      );
      ctx.fillStyle = theme.text;
      ctx.globalAlpha = SELECTED;
      ctx.fillRect(start, top, end - start, bottom - top);
      ctx.globalAlpha = 1;
    }
    const inside = (/** @type {{ x: number }} */ { x }) => x >= left - 0.5 && x <= right + 1;
    for (const mark of this.source.lineEnds().filter(inside)) {
      ctx.globalAlpha = 0.25;
      dot(ctx, mark, 7);
      ctx.globalAlpha = 1;
      dot(ctx, mark, 3.5);
    }
    const crossing = this.source.crosshairMarkers();
    if (!crossing || !inside(crossing)) return;
    ctx.fillStyle = theme.muted;
    ctx.fillRect(Math.round(crossing.x), top, 1, bottom - top);
    for (const mark of crossing.markers.filter(inside)) {
      dot(ctx, { ...mark, color: theme.background }, 6);
      dot(ctx, mark, 4);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Marker} mark
 * @param {number} radius
 */
function dot(ctx, { x, y, color }, radius) {
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
