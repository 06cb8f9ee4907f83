import { LaneMarks } from "../../chart/laneMarks.js";
import { LineMarks } from "../../chart/lineMarks.js";
import { MEASURE_FIGURES } from "./figures.js";
import { STATE_FIGURES, stateText } from "./stateFigures.js";

/**
 * What differs between the types of panels.
 *
 * @typedef {object} PanelKind
 * @property {string} noun name of such a chart, for screen readers
 * @property {import("../../chart/lineMarks.js").Marks} marks
 * @property {import("./figures.js").Figures} figures
 */

/**
 * @param {import("./panelSpec.js").PanelSpec} spec
 * @param {import("./panel.js").PanelOptions} options
 * @returns {PanelKind}
 */
export function createKind({ type }, { labels }) {
  if (type === "states") {
    const marks = new LaneMarks((series) => labels.of(series), stateText);
    return { noun: "States over time", marks, figures: STATE_FIGURES };
  }
  return { noun: "Line chart over time", marks: new LineMarks(), figures: MEASURE_FIGURES };
}
