import { readFileSync } from "node:fs";

const sheet = readFileSync(new URL("../../style/tokens.css", import.meta.url), "utf8");

/**
 * A colour of the style sheet.
 *
 * @param {string} name
 * @param {"light" | "dark"} ground
 */
export function styled(name, ground) {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(sheet);
  if (!found) throw new Error(`the style sheet has no colour --${name}`);
  return found[ground === "light" ? 1 : 2];
}

/** Red, green and blue as light, 0 to 1. @param {string} color */
const light = (color) =>
  [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });

/** How bright a colour is, 0 to 1. @param {string} color */
function luminance(color) {
  const [r, g, b] = light(color);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of two colours, 1 to 21. @param {string} a @param {string} b */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** What eyes make of light (Machado and others, 2009, at full strength). */
const EYES = {
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

export const SIGHTS = /** @type {(keyof typeof EYES)[]} */ (Object.keys(EYES));

/** @param {number[][]} matrix @param {number[]} vector */
const times = (matrix, vector) =>
  matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));

/** The place of a colour in Oklab. @param {string} color @param {keyof typeof EYES} sight */
function place(color, sight) {
  const seen = times(EYES[sight], light(color)).map((part) => Math.max(0, part));
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    seen,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones.map(Math.cbrt),
  );
}

/**
 * How far apart two colours look, in Oklab, where 0.02 can just be told.
 *
 * @param {string} a
 * @param {string} b
 * @param {keyof typeof EYES} sight
 */
export function distance(a, b, sight) {
  const [first, second] = [place(a, sight), place(b, sight)];
  return Math.hypot(...first.map((part, i) => part - second[i]));
}
