/**
 * Colours of the lines on a light and on a dark background; those of one slot have the same hue.
 *
 * Each has a contrast of at least 3:1 to its background. They also differ for people who do not
 * see red or green. tests/palette.test.js checks both.
 */
export const PALETTES = {
  light: [
    "#0b7285", "#e8590c", "#5f3dc4", "#c1226b", "#3d75de", "#3d9d5b", "#7e5a04", "#872348",
  ],
  dark: [
    "#3bc9db", "#fd7e14", "#9775fa", "#ea518d", "#7aa9fe", "#95dda6", "#f9b50d", "#fa81a4",
  ],
};

/** Dash patterns that distinguish series of the same colour. */
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** @typedef {{ color: string, dash: number[] }} PaletteStyle `dash` is in pixels */

/**
 * Return the colour and the dash pattern of a slot.
 *
 * @param {number} slot
 * @param {boolean} dark true on a dark background
 * @returns {PaletteStyle}
 */
export function paletteStyle(slot, dark) {
  const colors = dark ? PALETTES.dark : PALETTES.light;
  return {
    color: colors[slot % colors.length],
    dash: DASHES[Math.floor(slot / colors.length) % DASHES.length],
  };
}
