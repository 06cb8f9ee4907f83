/** @typedef {import("../../chart/theme.js").Theme} Theme */
/**
 * @typedef {object} PictureChart
 * @property {string} title of the panel, with its unit
 * @property {import("../panel/legend.js").LegendLine[]} lines
 * @property {HTMLCanvasElement} canvas
 */
/**
 * @typedef {object} Layout what to draw on, or only to measure
 * @property {CanvasRenderingContext2D} ctx
 * @property {Theme} theme
 * @property {number} width pixels
 * @property {boolean} measureOnly
 */

/* All sizes are in pixels. */
const MARGIN = 24;
const LINE_HEIGHT = 22;
const SWATCH_WIDTH = 16;
const SWATCH_GAP = 6;
const ENTRY_GAP = 20;
/** Beside the title of a chart, and below that of the picture. */
const TITLE_MARGIN = 16;
const TITLE_GAP = 6;
/** From the top of a line of text to its baseline, and to the middle of its letters. */
const BASELINE = 14;
const MIDDLE = 9;
/** Characters of a name that fit into the picture's legend. */
const MAX_NAME_CHARS = 48;

/**
 * Draw the charts as one picture with their legends and a title.
 *
 * @param {PictureChart[]} charts
 * @param {string} title
 * @param {Theme} theme
 * @returns {Promise<Blob | null>} a PNG; null if the browser can't draw it
 */
export function drawPicture(charts, title, theme) {
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (!ctx) return Promise.resolve(null);
  const width = Math.max(...charts.map((chart) => chart.canvas.clientWidth)) + 2 * MARGIN;
  const scale = devicePixelRatio;
  const draw = (/** @type {boolean} */ measureOnly) => {
    const layout = { ctx, theme, width, measureOnly };
    let y = MARGIN;
    drawText(layout, title, MARGIN, y + BASELINE, theme.muted, `13px ${theme.font}`);
    y += LINE_HEIGHT + TITLE_GAP;
    for (const chart of charts) y = drawChart(layout, chart, y);
    return y + MARGIN - LINE_HEIGHT;
  };
  const height = draw(true);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  ctx.scale(scale, scale);
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, width, height);
  draw(false);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/**
 * @param {Layout} layout
 * @param {PictureChart} chart
 * @param {number} top
 * @returns {number} where the next chart begins
 */
function drawChart(layout, { title, lines, canvas }, top) {
  const { ctx, theme, width, measureOnly } = layout;
  const font = `14px ${theme.font}`;
  let y = top;
  let x = MARGIN;
  x += drawText(layout, shorten(title), x, y + BASELINE, theme.muted, `600 ${font}`) + TITLE_MARGIN;
  for (const { label: name, reading, style } of lines) {
    const label = `${shorten(name)}  ${reading}`;
    const labelWidth = measureText(ctx, label, font);
    const entryWidth = SWATCH_WIDTH + SWATCH_GAP + labelWidth + ENTRY_GAP;
    if (x > MARGIN && x + entryWidth > width - MARGIN) {
      x = MARGIN;
      y += LINE_HEIGHT;
    }
    if (!measureOnly) drawSwatch(ctx, style, x, y + MIDDLE);
    drawText(layout, label, x + SWATCH_WIDTH + SWATCH_GAP, y + BASELINE, theme.text, font);
    x += entryWidth;
  }
  y += LINE_HEIGHT;
  if (!measureOnly) ctx.drawImage(canvas, MARGIN, y, canvas.clientWidth, canvas.clientHeight);
  return y + canvas.clientHeight + LINE_HEIGHT;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{ color: string, dash: number[] }} style
 * @param {number} x
 * @param {number} y
 */
function drawSwatch(ctx, { color, dash }, x, y) {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 3;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + SWATCH_WIDTH, y);
  ctx.stroke();
  ctx.restore();
}

/**
 * Draw a text, unless the layout only measures.
 *
 * @param {Layout} layout
 * @param {string} text
 * @param {number} x
 * @param {number} y of the baseline
 * @param {string} color
 * @param {string} font
 * @returns {number} its width
 */
function drawText({ ctx, measureOnly }, text, x, y, color, font) {
  const width = measureText(ctx, text, font);
  ctx.fillStyle = color;
  if (!measureOnly) ctx.fillText(text, x, y);
  return width;
}

/**
 * Measure a text, and leave its font set.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {string} font
 */
function measureText(ctx, text, font) {
  ctx.font = font;
  return ctx.measureText(text).width;
}

/** @param {string} name */
function shorten(name) {
  const characters = [...name];
  if (characters.length <= MAX_NAME_CHARS) return name;
  return `${characters.slice(0, MAX_NAME_CHARS - 1).join("")}…`;
}
