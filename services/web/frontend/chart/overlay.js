/** @typedef {{ x: number, y: number, color: string, dash: number[] }} Marker in pixels */
/**
 * @typedef {object} OverlaySource
 * @property {() => Marker[]} lineEnds
 * @property {() => { x: number, markers: Marker[] } | null} crosshairMarkers
 * @property {{ from: number, to: number } | null} selection seconds
 * @property {import("./theme.js").Theme} theme
 */

const SELECTION_OPACITY = 0.12;

/** Chart.js plugin that draws the selection, the line ends and the crosshair over the lines. */
export class Overlay {
  id = "overlay";

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
      ctx.globalAlpha = SELECTION_OPACITY;
      ctx.fillRect(start, top, end - start, bottom - top);
      ctx.globalAlpha = 1;
    }
    const isInside = (/** @type {{ x: number }} */ { x }) => x >= left - 0.5 && x <= right + 1;
    for (const marker of this.source.lineEnds().filter(isInside)) {
      ctx.globalAlpha = 0.25;
      drawDot(ctx, marker, 7);
      ctx.globalAlpha = 1;
      drawDot(ctx, marker, 3.5);
    }
    const crosshair = this.source.crosshairMarkers();
    if (!crosshair || !isInside(crosshair)) return;
    ctx.fillStyle = theme.muted;
    ctx.fillRect(Math.round(crosshair.x), top, 1, bottom - top);
    for (const marker of crosshair.markers.filter(isInside)) {
      drawDot(ctx, { ...marker, color: theme.background }, 6);
      drawDot(ctx, marker, 4);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Marker} marker
 * @param {number} radius
 */
function drawDot(ctx, { x, y, color }, radius) {
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
