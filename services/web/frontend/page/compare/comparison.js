import { GhostLoader, MAX_GHOSTS } from "../../feed/ghostLoader.js";
import { IncreaseLoader } from "../../feed/increaseLoader.js";
import { shiftText } from "../../view/timeShift.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../panel/panel.js").Panel} Panel */
/**
 * @typedef {object} ComparisonParts the parts of the page that a comparison uses
 * @property {import("../seriesSelection.js").SeriesSelection} selection
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {import("../../store/seriesStore.js").SeriesStore} store
 * @property {import("../../feed/ghostLoader.js").GhostServer} server
 * @property {() => Panel[]} panels
 * @property {() => number} columnSeconds seconds in one column of pixels
 */

/**
 * Compares the charts with an earlier time. The event `change` is sent when the shift has changed,
 * and when ghosts were loaded or failed to load.
 */
export class Comparison extends EventTarget {
  /** Number of series that are compared; the others are too many. */
  comparedCount = 0;
  /** Number of series that could be compared. */
  comparableCount = 0;

  /** @param {ComparisonParts} parts */
  constructor(parts) {
    super();
    this.parts = parts;
    this.loader = new GhostLoader(parts.server, () => this.#dispatchChange());
    parts.selection.addEventListener("restore", () => this.#apply());
  }

  /** Seconds by which the compared window is earlier; null without a comparison. */
  get shift() {
    return this.parts.selection.compare;
  }

  set shift(shift) {
    this.parts.selection.compare = shift;
    this.#apply();
  }

  /** The compared time: "1 day ago"; "" without a comparison. */
  get text() {
    return this.shift === null ? "" : shiftText(this.shift);
  }

  /** Why no ghost is drawn; "" if one is, or if it is not known yet. */
  get fault() {
    if (this.shift === null) return "";
    const sources = this.#sources();
    if (sources.some(({ failed }) => failed)) return "not loaded";
    if (!sources.length || sources.some(({ busy }) => busy)) return "";
    return sources.some(({ hasReadings }) => hasReadings) ? "" : "no readings";
  }

  /**
   * Return the ghosts for a chart.
   *
   * @param {(series: Series) => Series} [derive] returns what the chart draws in place of a series
   * @returns {import("../../chart/comparedMarks.js").Ghosts}
   */
  ghosts(derive = (series) => series) {
    const { loader } = this;
    return {
      get version() {
        return loader.version;
      },
      of({ name }) {
        /** @type {any} */
        const ghost = loader.ghostOf(name);
        return ghost && derive(ghost);
      },
    };
  }

  /**
   * Return a loader of the increases of the compared time.
   *
   * @param {import("../../feed/increaseLoader.js").IncreaseServer} server
   * @param {import("../../store/periods.js").Period | null} period null chooses it by the window
   * @param {() => void} onChange called when increases have arrived
   */
  increaseLoader(server, period, onChange) {
    const onLoaded = () => {
      onChange();
      this.#dispatchChange();
    };
    return new IncreaseLoader(server, period, onLoaded, () => this.shift);
  }

  /** Load the ghosts that the charts need and the page does not have. */
  update() {
    const { shift } = this;
    if (shift === null) return;
    const { view, store, panels, columnSeconds } = this.parts;
    const comparable = [...new Set(panels().flatMap(comparableSeries))];
    const series = comparable.slice(0, MAX_GHOSTS);
    this.comparableCount = comparable.length;
    this.comparedCount = series.length;
    if (!series.length) return;
    const { resetCount } = store;
    this.loader.update({ shift, series, view, columnSeconds: columnSeconds(), resetCount });
  }

  /** What the charts compare with, as far as it is loaded. */
  #sources() {
    const { busy, failed, hasReadings } = this.loader;
    const lines = this.comparedCount ? [{ busy, failed, hasReadings }] : [];
    const bars = this.parts.panels().flatMap(({ kind, shownSeries }) => {
      const { ghostLoader } = kind;
      if (!ghostLoader || !shownSeries.length) return [];
      const { increases, isAway } = ghostLoader;
      const isLoading = ghostLoader.busy || !increases.isLoaded;
      return [{ busy: isLoading, failed: isAway, hasReadings: increases.hasBars }];
    });
    return [...lines, ...bars];
  }

  #apply() {
    if (this.shift === null) this.loader.clear();
    this.update();
    this.#dispatchChange();
  }

  #dispatchChange() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Return the series of a panel whose history is compared. Bars load their increases instead.
 *
 * @param {Panel} panel
 */
const comparableSeries = ({ spec, shownSeries }) => (spec.type === "bars" ? [] : shownSeries);
