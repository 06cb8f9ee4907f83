import { BarMarks } from "../../chart/barMarks.js";
import { ComparedMarks } from "../../chart/comparedMarks.js";
import { LaneMarks } from "../../chart/laneMarks.js";
import { IncreaseLoader } from "../../feed/increaseLoader.js";
import { RateSeries } from "../../store/rateSeries.js";
import { MEASURE_FIGURES } from "./figures.js";
import { createIncreaseFigures, formatIncrease } from "./increaseFigures.js";
import { DEFAULT_AXIS } from "./panelSpec.js";
import { STATE_FIGURES, stateText } from "./stateFigures.js";
import { TREND_FIGURES } from "./trendFigures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/**
 * What differs between the types of panels.
 *
 * @typedef {object} PanelKind
 * @property {string} noun name of such a chart, for screen readers
 * @property {import("../../chart/lineMarks.js").Marks} marks
 * @property {import("./figures.js").Figures} figures
 * @property {{ busy: boolean, isAway: boolean }} [loader] loads what the history does not have
 * @property {(series: Series) => Series} [derive] returns what is drawn in place of a series
 * @property {import("../../chart/comparedMarks.js").Ghosts} [ghosts] of a comparison
 * @property {(series: Series[]) => string} [headline] returns the most important figure
 */

/**
 * @param {import("./panelSpec.js").PanelSpec} spec
 * @param {import("./panel.js").PanelOptions} options
 * @param {() => void} onChange called when something was loaded that the panel shows
 * @returns {PanelKind}
 */
export function createKind(spec, { labels, increases, comparison }, onChange) {
  const { type, per, axis, band } = spec;
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
  const axisOptions = isDefaultAxis(axis) ? undefined : axis;
  const derive = type === "rate" ? createRates() : undefined;
  const ghosts = comparison.ghosts(derive);
  const marks = new ComparedMarks(ghosts, axisOptions, band, type === "value");
  if (derive) return createRateKind(marks, derive, ghosts);
  const figures = type === "value" ? TREND_FIGURES : MEASURE_FIGURES;
  return { noun: "Line chart over time", marks, figures, ghosts };
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

/** @param {import("./panelSpec.js").AxisSpec} axis */
const isDefaultAxis = (axis) =>
  /** @type {(keyof typeof DEFAULT_AXIS)[]} */ (Object.keys(DEFAULT_AXIS)).every(
    (key) => axis[key] === DEFAULT_AXIS[key],
  );

/** Return a function that returns the rate of a counter, the same each time. */
function createRates() {
  /** @type {WeakMap<Series, Series>} */
  const rates = new WeakMap();
  return (/** @type {Series} */ series) => {
    const rate = rates.get(series) ?? /** @type {any} */ (new RateSeries(series));
    rates.set(series, rate);
    return rate;
  };
}

/**
 * Return the kind of a panel with the rates of counters.
 *
 * @param {ComparedMarks} marks
 * @param {(series: Series) => Series} derive
 * @param {import("../../chart/comparedMarks.js").Ghosts} ghosts
 * @returns {PanelKind}
 */
function createRateKind(marks, derive, ghosts) {
  /** @type {import("./figures.js").Figures} */
  const figures = {
    sourceOf: derive,
    parts: (series, value) => MEASURE_FIGURES.parts(derive(series), value),
    versionAt: () => 0,
    stats: (series, ...range) => MEASURE_FIGURES.stats(derive(series), ...range),
    sentence: (series, ...range) => MEASURE_FIGURES.sentence(derive(series), ...range),
  };
  return { noun: "Rate of counters over time", marks, figures, derive, ghosts };
}
