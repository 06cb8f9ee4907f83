import { BarMarks } from "../../chart/barMarks.js";
import { LaneMarks } from "../../chart/laneMarks.js";
import { LineMarks } from "../../chart/lineMarks.js";
import { IncreaseLoader } from "../../feed/increaseLoader.js";
import { MEASURE_FIGURES } from "./figures.js";
import { createIncreaseFigures, formatIncrease } from "./increaseFigures.js";
import { STATE_FIGURES, stateText } from "./stateFigures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/**
 * What differs between the types of panels.
 *
 * @typedef {object} PanelKind
 * @property {string} noun name of such a chart, for screen readers
 * @property {import("../../chart/lineMarks.js").Marks} marks
 * @property {import("./figures.js").Figures} figures
 * @property {{ busy: boolean, isAway: boolean }} [loader] loads what the history does not have
 * @property {(series: Series[]) => string} [headline] returns the most important figure
 */

/**
 * @param {import("./panelSpec.js").PanelSpec} spec
 * @param {import("./panel.js").PanelOptions} options
 * @param {() => void} onChange called when something was loaded that the panel shows
 * @returns {PanelKind}
 */
export function createKind({ type, per }, { labels, increases }, onChange) {
  if (type === "bars") {
    const loader = new IncreaseLoader(increases, per, onChange);
    const figures = createIncreaseFigures(loader);
    const headline = (/** @type {Series[]} */ series) => headlineOf(loader, series);
    return { noun: "Increase of counters", marks: new BarMarks(loader), figures, loader, headline };
  }
  if (type === "states") {
    const marks = new LaneMarks((series) => labels.of(series), stateText);
    return { noun: "States over time", marks, figures: STATE_FIGURES };
  }
  return { noun: "Line chart over time", marks: new LineMarks(), figures: MEASURE_FIGURES };
}

/**
 * Return the increase of today if there is only one counter: "7.3 kWh today".
 *
 * @param {IncreaseLoader} loader
 * @param {Series[]} series
 */
function headlineOf({ increases }, series) {
  const today = series.length === 1 ? increases.today(series[0].name) : null;
  return today === null ? "" : `${formatIncrease(series[0], today)} today`;
}
