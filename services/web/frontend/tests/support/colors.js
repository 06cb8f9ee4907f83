import { readFileSync } from "node:fs";

const styleSheet = readFileSync(new URL("../../style/tokens.css", import.meta.url), "utf8");

/**
 * Read a colour of the style sheet.
 *
 * @param {string} name
 * @param {"light" | "dark"} scheme
 */
export function styleColor(name, scheme) {
  const match = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(styleSheet);
  if (!match) throw new Error(`the style sheet has no colour --${name}`);
  return match[scheme === "light" ? 1 : 2];
}

/**
 * Convert a colour to linear light: red, green and blue from 0 to 1.
 *
 * @param {string} color
 */
const linearLight = (color) =>
  [1, 3, 5].map((offset) => {
    const share = parseInt(color.slice(offset, offset + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });

/**
 * Return the luminance of a colour, from 0 to 1.
 *
 * @param {string} color
 */
function luminance(color) {
  const [r, g, b] = linearLight(color);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Return the contrast of two colours, from 1 to 21.
 *
 * @param {string} a
 * @param {string} b
 */
export function contrastRatio(a, b) {
  const [darker, brighter] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (brighter + 0.05) / (darker + 0.05);
}

/** Simulated colour vision as matrices of light (Machado and others, 2009, full strength). */
const VISION_MATRICES = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  "without red": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "without green": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

export const VISION_TYPES = /** @type {(keyof typeof VISION_MATRICES)[]} */ (
  Object.keys(VISION_MATRICES)
);

/**
 * @param {number[][]} matrix
 * @param {number[]} vector
 */
const multiply = (matrix, vector) =>
  matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));

/**
 * Convert a colour to Oklab, as a type of vision sees it.
 *
 * @param {string} color
 * @param {keyof typeof VISION_MATRICES} visionType
 */
function toOklab(color, visionType) {
  const seen = multiply(VISION_MATRICES[visionType], linearLight(color));
  const cones = multiply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    seen.map((part) => Math.max(0, part)),
  );
  return multiply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones.map(Math.cbrt),
  );
}

/**
 * Return the distance of two colours in Oklab; 0.02 is just noticeable.
 *
 * @param {string} a
 * @param {string} b
 * @param {keyof typeof VISION_MATRICES} visionType
 */
export function colorDistance(a, b, visionType) {
  const [first, second] = [toOklab(a, visionType), toOklab(b, visionType)];
  return Math.hypot(...first.map((part, i) => part - second[i]));
}

/**
 * Return the hue of a colour in Oklab, in degrees.
 *
 * @param {string} color
 */
export function hueOf(color) {
  const [, a, b] = toOklab(color, "usual");
  return (Math.atan2(b, a) * 180) / Math.PI;
}
