import { BarMarks } from "../../chart/barMarks.js";
import { ComparedMarks } from "../../chart/comparedMarks.js";
import { LaneMarks } from "../../chart/laneMarks.js";
import { IncreaseLoader } from "../../feed/increaseLoader.js";
import { RateSeries } from "../../store/rateSeries.js";
import {
  compareIncreases,
  compareReadings,
  increaseDifference,
} from "../compare/comparedText.js";
import { MEASURE_FIGURES } from "./figures.js";
import { createIncreaseFigures, formatIncrease } from "./increaseFigures.js";
import { DEFAULT_AXIS } from "./panelSpec.js";
import { STATE_FIGURES, stateText } from "./stateFigures.js";
import { LINE_FIGURES, TREND_FIGURES } from "./lineFigures.js";

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
 * @property {import("../compare/comparedText.js").ComparedTextOf} comparedTextOf
 * @property {IncreaseLoader} [ghostLoader] loads the increases of the compared time
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
    const ghostLoader = comparison.increaseLoader(increases, per, onChange);
    const marks = new BarMarks(loader, ghostLoader);
    const comparedTextOf = compareIncreases(ghostLoader, comparison);
    const headline = (/** @type {Series[]} */ [first, ...others]) =>
      first && !others.length ? headlineOf(first, loader, ghostLoader, comparison) : "";
    const noun = "Increase of counters";
    return { noun, marks, figures, loader, ghostLoader, comparedTextOf, headline };
  }
  if (type === "states") {
    const ghosts = comparison.ghosts();
    const marks = new LaneMarks(ghosts, (series) => labels.of(series), stateText);
    const comparedTextOf = compareReadings(ghosts, comparison);
    return { noun: "States over time", marks, figures: STATE_FIGURES, comparedTextOf };
  }
  const axisOptions = isDefaultAxis(axis) ? undefined : axis;
  const derive = type === "rate" ? createRates() : undefined;
  const ghosts = comparison.ghosts(derive);
  const marks = new ComparedMarks(ghosts, axisOptions, band, type === "value");
  const comparedTextOf = compareReadings(ghosts, comparison);
  if (derive) return createRateKind(marks, derive, comparedTextOf);
  const figures = type === "value" ? TREND_FIGURES : LINE_FIGURES;
  return { noun: "Line chart over time", marks, figures, comparedTextOf };
}

/**
 * Return the increase of today: "7.3 kWh today", and with a compared time what it was until then.
 *
 * @param {Series} series
 * @param {IncreaseLoader} loader
 * @param {IncreaseLoader} ghostLoader
 * @param {import("../compare/comparison.js").Comparison} comparison
 */
function headlineOf(series, loader, ghostLoader, comparison) {
  const [today, before] = [loader, ghostLoader].map(({ increases }) => increases.today(series.name));
  if (today === null) return "";
  const text = `${formatIncrease(series, today)} today`;
  return before === null ? text : text + increaseDifference(series, today, before, comparison);
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
 * @param {import("../compare/comparedText.js").ComparedTextOf} comparedTextOf
 * @returns {PanelKind}
 */
function createRateKind(marks, derive, comparedTextOf) {
  /** @type {import("./figures.js").Figures} */
  const figures = {
    sourceOf: derive,
    parts: (series, reading) => MEASURE_FIGURES.parts(derive(series), reading),
    versionAt: () => 0,
    stats: (series, ...range) => MEASURE_FIGURES.stats(derive(series), ...range),
    sentence: (series, ...range) => MEASURE_FIGURES.sentence(derive(series), ...range),
  };
  return { noun: "Rate of counters over time", marks, figures, derive, comparedTextOf };
}
