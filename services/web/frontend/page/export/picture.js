import { lineStyleOf } from "../../chart/palette.js";

/**
 * @typedef {object} Figure
 * @property {string} unit
 * @property {{ name: string, reading: string, slot: number }[]} lines
 * @property {HTMLCanvasElement} canvas
 */

const MARGIN = 24;
const LINE = 22;
const SWATCH = 22;
/** Letters of a name that are written. */
const MOST_LETTERS = 48;

/**
 * The charts of the page as one picture, with their legends and the range in words.
 *
 * @param {Figure[]} figures
 * @param {string} title
 * @param {import("../../chart/theme.js").Theme} theme
 * @returns {Promise<Blob | null>} a PNG
 */
export function pictureOf(figures, title, theme) {
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (!ctx) return Promise.resolve(null);
  const width = Math.max(...figures.map((figure) => figure.canvas.clientWidth)) + 2 * MARGIN;
  const scale = devicePixelRatio;
  const draw = (/** @type {boolean} */ really) => {
    let y = MARGIN;
    text(ctx, title, MARGIN, y + 14, theme.muted, `13px ${theme.font}`, really);
    y += LINE + 6;
    for (const figure of figures) y = drawFigure({ ctx, theme, width, really }, figure, y);
    return y + MARGIN - LINE;
  };
  // First only to see how high it is.
  const height = draw(false);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  ctx.scale(scale, scale);
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, width, height);
  draw(true);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/**
 * @param {{ ctx: CanvasRenderingContext2D, theme: import("../../chart/theme.js").Theme,
 *           width: number, really: boolean }} sheet
 * @param {Figure} figure
 * @param {number} top
 * @returns {number} where it ends
 */
function drawFigure({ ctx, theme, width, really }, { unit, lines, canvas }, top) {
  let y = top;
  let x = MARGIN;
  const font = `14px ${theme.font}`;
  if (unit) x += text(ctx, unit, x, y + 14, theme.muted, `600 ${font}`, really) + 16;
  for (const { name, reading, slot } of lines) {
    const words = `${short(name)}  ${reading}`;
    const room = SWATCH + text(ctx, words, 0, 0, theme.text, font, false) + 20;
    if (x > MARGIN && x + room > width - MARGIN) {
      x = MARGIN;
      y += LINE;
    }
    if (really) swatch(ctx, lineStyleOf(slot, theme.dark), x, y + 9);
    text(ctx, words, x + SWATCH, y + 14, theme.text, font, really);
    x += room;
  }
  y += LINE;
  if (really) ctx.drawImage(canvas, MARGIN, y, canvas.clientWidth, canvas.clientHeight);
  return y + canvas.clientHeight + LINE;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{ color: string, dash: number[] }} look
 * @param {number} x
 * @param {number} y
 */
function swatch(ctx, { color, dash }, x, y) {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 3;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + SWATCH - 6, y);
  ctx.stroke();
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {string} color
 * @param {string} font
 * @param {boolean} really
 * @returns {number} its width
 */
function text(ctx, words, x, y, color, font, really) {
  ctx.font = font;
  ctx.fillStyle = color;
  if (really) ctx.fillText(words, x, y);
  return ctx.measureText(words).width;
}

/** @param {string} name */
function short(name) {
  const letters = [...name];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join("")}…` : name;
}
