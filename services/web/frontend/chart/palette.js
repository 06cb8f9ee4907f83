/**
 * Colours of the lines on a light and on a dark background.
 *
 * Each has a contrast of at least 3:1 to its background. They also differ for people who do not
 * see red or green. tests/palette.test.js checks both.
 */
export const PALETTES = {
  light: ["#0b7285", "#e8590c", "#5f3dc4", "#1c7ed6", "#c2255c", "#5c4300"],
  dark: ["#3bc9db", "#fd7e14", "#9775fa", "#8ce99a", "#fcc419", "#f1f3f5"],
};

/** Dash patterns that distinguish series of the same colour. */
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/**
 * Return the colour and the dash pattern of the series in a slot.
 *
 * @param {number} slot
 * @param {boolean} dark
 * @returns {{ color: string, dash: number[] }}
 */
export function lineStyleOf(slot, dark) {
  const colors = dark ? PALETTES.dark : PALETTES.light;
  return {
    color: colors[slot % colors.length],
    dash: DASHES[Math.floor(slot / colors.length) % DASHES.length],
  };
}
