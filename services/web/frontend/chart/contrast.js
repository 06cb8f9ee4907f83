/** Luminance above which black text is easier to read than white text. */
const MIDDLE_LUMINANCE = 0.18;

/** @type {Map<string, string>} */
const cache = new Map();

/**
 * Return black or white, whichever is easier to read on a colour.
 *
 * @param {string} color `#rrggbb` or `rgb(r, g, b)`
 * @returns {string}
 */
export function textColorOn(color) {
  let text = cache.get(color);
  if (!text) {
    text = luminance(channelsOf(color)) > MIDDLE_LUMINANCE ? "#000000" : "#ffffff";
    cache.set(color, text);
  }
  return text;
}

/** @param {string} color @returns {number[]} from 0 to 255 */
function channelsOf(color) {
  if (color.startsWith("#")) {
    return [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
  }
  return (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

/** @param {number[]} channels */
function luminance(channels) {
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
