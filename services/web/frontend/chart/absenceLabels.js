/**
 * Time in which a chart has no line, and why.
 *
 * @typedef {object} Absence
 * @property {number} from seconds
 * @property {number} to seconds; Infinity until the end of the window
 * @property {string} label
 * @property {boolean} isUnloaded true if there may be readings, so that the time is shaded
 */

const LABEL_SIZE = 12;
/** Pixels that stay free beside a label. */
const MARGIN = 8;
const SHADE_OPACITY = 0.1;

/** Chart.js plugin that writes where a chart has no line why it has none. */
export class AbsenceLabels {
  id = "absence-labels";

  /** @type {Absence[]} */
  #absences = [];

  /**
   * @param {import("./theme.js").Theme} theme
   * @param {() => void} onChange
   */
  constructor(theme, onChange) {
    this.theme = theme;
    this.onChange = onChange;
  }

  /** @param {Absence[]} absences to draw from now on; the same ones again cost nothing */
  show(absences) {
    if (JSON.stringify(absences) === JSON.stringify(this.#absences)) return;
    this.#absences = absences;
    this.onChange();
  }

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const { theme } = this;
    if (!this.#absences.length) return;
    const { left, right, top, bottom } = chartArea;
    const pixelOf = (/** @type {number} */ time) =>
      Math.min(right, Math.max(left, scales.x.getPixelForValue(time)));
    ctx.save();
    ctx.font = `${LABEL_SIZE}px ${theme.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.muted;
    for (const { from, to, label, isUnloaded } of this.#absences) {
      const [start, end] = [pixelOf(from), to === Infinity ? right : pixelOf(to)];
      if (isUnloaded) {
        ctx.globalAlpha = SHADE_OPACITY;
        ctx.fillRect(start, top, end - start, bottom - top);
        ctx.globalAlpha = 1;
      }
      const width = ctx.measureText(label).width + 2 * MARGIN;
      if (width <= end - start) ctx.fillText(label, (start + end) / 2, (top + bottom) / 2);
    }
    ctx.restore();
  }
}
