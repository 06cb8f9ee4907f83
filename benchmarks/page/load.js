/**
 * What both draw: random walks, ready-made, so that neither pays for making them.
 *
 * @typedef {{ charts: number, series: number, points: number, frames: number }} Load
 */

/** Readings of a series in a second. */
export const RATE = 60;
export const WIDTH = 1_000;
export const HEIGHT = 300;
export const RANGE = { min: -10, max: 10 };
/** Where time begins. */
export const EPOCH = 1_793_760_000;

/** @param {Load} load */
export function readingsOf({ series, points, frames }) {
  const count = points + frames + 1;
  const times = Float64Array.from({ length: count }, (_, i) => EPOCH + i / RATE);
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Array.from({ length: series }, (_, line) => {
    let value = (line % 7) - 3;
    return Float64Array.from({ length: count }, () => {
      value += (random() - 0.5) * 0.6 - value * 0.01;
      return value;
    });
  });
  return { times, values };
}

/** @param {Load} load */
export function placesOf({ charts }) {
  document.body.replaceChildren();
  return Array.from({ length: charts }, () => {
    const place = document.createElement("div");
    place.style.cssText = `position:relative;width:${WIDTH}px;height:${HEIGHT}px`;
    document.body.append(place);
    return place;
  });
}
