/**
 * The colours of the lines, in order, for each ground. Each has a contrast of 3:1 and more against
 * its ground; a test holds them to that.
 */
export const PALETTES = {
  light: ["#0c8599", "#d9480f", "#4263eb", "#2b8a3e", "#c2255c", "#9c36b5", "#8f6a00", "#495057"],
  dark: ["#3bc9db", "#ff922b", "#91a7ff", "#69db7c", "#f783ac", "#e599f7", "#ffd43b", "#ced4da"],
};

/** Dashes tell the series apart that share a colour. */
const DASHES = [[], [7, 4], [2, 3]];

/**
 * The look of the series at a place: a colour of the palette and a dash.
 *
 * @param {number} slot
 * @param {boolean} dark
 * @returns {{ color: string, dash: number[] }}
 */
export function lookOf(slot, dark) {
  const colors = dark ? PALETTES.dark : PALETTES.light;
  return {
    color: colors[slot % colors.length],
    dash: DASHES[Math.floor(slot / colors.length) % DASHES.length],
  };
}
