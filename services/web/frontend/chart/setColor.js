import { PALETTES } from "./palette.js";

/** Cards of the page behind the lines, in the light and the dark scheme. */
const BACKGROUNDS = { light: [255, 255, 255], dark: [19, 26, 34] };
/** Contrast of a line to its background, as for the palette. */
const MIN_CONTRAST = 3;
/** Share of black or white that is added in one step to a colour without contrast. */
const MIX_STEP = 0.1;
/** Colours that are remembered for each scheme. */
const MAX_REMEMBERED = 500;

/** Hues in degrees up to which a colour has a name. @type {[number, string][]} */
const HUES = [
  [12, "red"], [38, "orange"], [68, "yellow"], [165, "green"], [195, "teal"], [250, "blue"],
  [290, "violet"], [345, "pink"], [360, "red"],
];
/** Below this chroma, from 0 to 255, a colour is a grey. */
const MIN_CHROMA = 24;
/** Below this brightness, from 0 to 255, some hues have another name. */
const MAX_DARK = 150;
/** @type {Record<string, string>} */
const DARK_NAMES = { red: "maroon", pink: "maroon", orange: "brown", yellow: "brown" };

const remembered = {
  light: /** @type {Map<string, string>} */ (new Map()),
  dark: /** @type {Map<string, string>} */ (new Map()),
};

/**
 * Return the colour in which a line is drawn whose colour somebody has set.
 *
 * A colour of the palette has a counterpart in the other scheme. Any other colour stays as it is if
 * it can be seen; otherwise it becomes darker or lighter until it can.
 *
 * @param {string} color `#rrggbb`
 * @param {boolean} dark true for a dark background
 * @returns {string}
 */
export function visibleColor(color, dark) {
  const scheme = dark ? "dark" : "light";
  const known = remembered[scheme];
  let visible = known.get(color);
  if (visible === undefined) {
    const slot = [PALETTES.light, PALETTES.dark].map((colors) => colors.indexOf(color));
    const index = Math.max(...slot);
    visible = index >= 0 ? PALETTES[scheme][index] : withContrast(color, scheme);
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(color, visible);
  }
  return visible;
}

/**
 * @param {string} color
 * @param {"light" | "dark"} scheme
 */
function withContrast(color, scheme) {
  const original = channelsOf(color);
  const target = scheme === "dark" ? 255 : 0;
  let channels = original;
  for (let share = 0; contrast(channels, BACKGROUNDS[scheme]) < MIN_CONTRAST; ) {
    share = Math.min(1, share + MIX_STEP);
    channels = original.map((value) => Math.round(value + share * (target - value)));
  }
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Return the usual word for a colour, for people who do not see it.
 *
 * @param {string} color `#rrggbb`
 */
export function colorName(color) {
  const [r, g, b] = channelsOf(color);
  const max = Math.max(r, g, b);
  const chroma = max - Math.min(r, g, b);
  if (chroma < MIN_CHROMA) return "grey";
  const [start, difference] = max === r ? [6, g - b] : max === g ? [2, b - r] : [4, r - g];
  const hue = ((start + difference / chroma) * 60) % 360;
  const name = HUES.find(([end]) => hue <= end)?.[1] ?? "red";
  return (max < MAX_DARK && DARK_NAMES[name]) || name;
}

/** @param {string} color `#rrggbb` */
const channelsOf = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));

/**
 * Return the contrast of two colours by WCAG, from 1 to 21.
 *
 * @param {number[]} a
 * @param {number[]} b
 */
function contrast(a, b) {
  const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}

/** @param {number[]} channels */
function luminance(channels) {
  const [r, g, b] = channels.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
