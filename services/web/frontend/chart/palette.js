/**
 * The colours of the lines, in order, for each ground. Each has a contrast of 3:1 and more against
 * its ground, and they stay apart for people who see no red or no green; a test holds them to that.
 */
export const PALETTES = {
  light: ["#0b7285", "#e8590c", "#5f3dc4", "#1c7ed6", "#c2255c", "#5c4300"],
  dark: ["#3bc9db", "#fd7e14", "#9775fa", "#8ce99a", "#fcc419", "#f1f3f5"],
};

/** Dashes tell the series apart that share a colour. */
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/**
 * The look of the series at a place: a colour of the palette and a dash.
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
