/**
 * Window of time and values, and its place on the canvas.
 *
 * @typedef {object} Viewport
 * @property {number} from seconds
 * @property {number} to seconds
 * @property {number} left pixel of `from`
 * @property {number} bottom pixel of `min`
 * @property {number} min value; the lowest one of the plot, or its logarithm
 * @property {boolean} isLog true if values are placed by their decimal logarithm
 * @property {number} pixelsPerSecond
 * @property {number} pixelsPerUnit pixels of a value difference of 1, or of a factor of 10
 * @property {number} columnSeconds seconds of one device pixel
 */

/** Viewport before the first frame. @type {Viewport} */
export const INITIAL_VIEWPORT = {
  from: 0, to: 1, left: 0, bottom: 0, min: 0,
  isLog: false, pixelsPerSecond: 1, pixelsPerUnit: 1, columnSeconds: 1,
};

/**
 * Compute the viewport of a window in a plot area.
 *
 * @param {{ from: number, to: number }} window seconds
 * @param {{ left: number, right: number, top: number, bottom: number }} area pixels
 * @param {{ min: number, max: number, isLog?: boolean }} values range of the value axis
 * @returns {Viewport}
 */
export function computeViewport({ from, to }, { left, right, top, bottom }, values) {
  const isLog = Boolean(values.isLog);
  const [min, max] = [values.min, values.max].map((end) => (isLog ? Math.log10(end) : end));
  const pixelsPerSecond = (right - left) / (to - from);
  const pixelsPerUnit = (bottom - top) / (max - min);
  const columnSeconds = 1 / pixelsPerSecond / devicePixelRatio;
  return { from, to, left, bottom, min, isLog, pixelsPerSecond, pixelsPerUnit, columnSeconds };
}
