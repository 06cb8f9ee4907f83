import { formatDuration } from "../../format.js";
import { byId, setText } from "../dom.js";
import { formatCsv } from "../export/csv.js";
import { downloadFile, exportFileName } from "../export/download.js";
import { loadReadings } from "./rangeReadings.js";
import { estimateStatistics } from "./rangeStatistics.js";
import { fillStatisticsTable } from "./statisticsTable.js";
import { formatStatistics } from "./statisticsText.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./rangeStatistics.js").RangeStatistics} RangeStatistics */
/**
 * @typedef {object} SelectionBarDependencies
 * @property {import("./rangeSelection.js").RangeSelection} rangeSelection
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {import("../../feed/addresses.js").Addresses} addresses
 * @property {(address: string) => Promise<any>} fetchJson
 * @property {import("../../format.js").TimeFormat} format
 * @property {import("../seriesLabels.js").SeriesLabels} labels
 */

/** Milliseconds between two estimates while the selection changes. */
const ESTIMATE_INTERVAL_MS = 80;
/** Milliseconds without a change after which the server is asked. */
const REQUEST_DELAY_MS = 200;

/** The bar below the charts that shows statistics of the selected range. */
export class SelectionBar {
  /** Number of the newest request; the answers of older ones are ignored. */
  #request = 0;
  #estimateTimer = 0;
  #requestTimer = 0;

  /** @param {SelectionBarDependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
    const { rangeSelection } = dependencies;
    this.element = byId("selection");
    this.more = byId("selection-more");
    this.more.addEventListener("click", () => this.#toggleRest());
    rangeSelection.addEventListener("change", () => this.#onChange());
    rangeSelection.addEventListener("finish", () => this.#announce());
    byId("selection-zoom").addEventListener("click", () => this.zoom());
    byId("selection-csv").addEventListener("click", () => this.#saveCsv());
    byId("selection-close").addEventListener("click", () => rangeSelection.clear());
  }

  /** Show the selected range as the window, and leave the selection. */
  zoom() {
    const { rangeSelection, view } = this.dependencies;
    const { range } = rangeSelection;
    if (!range) return;
    rangeSelection.clear();
    view.show(range);
  }

  #onChange() {
    const { range } = this.dependencies.rangeSelection;
    this.#request++;
    clearTimeout(this.#requestTimer);
    this.element.hidden = range === null;
    setText(byId("selection-status"), "");
    if (!range) return;
    this.#requestTimer = setTimeout(() => this.#load(), REQUEST_DELAY_MS);
    if (this.#estimateTimer) return;
    this.#estimateTimer = setTimeout(() => {
      this.#estimateTimer = 0;
      this.#showEstimate();
    }, ESTIMATE_INTERVAL_MS);
  }

  #showEstimate(isFinal = false) {
    const { range, owner } = this.dependencies.rangeSelection;
    if (!range || !owner) return;
    const estimate = (/** @type {Series} */ series) => ({
      ...estimateStatistics(series, range),
      isEstimate: !isFinal,
    });
    this.#show(new Map(owner.shownSeries.map((series) => [series, estimate(series)])));
    this.element.dataset.statistics = "estimated";
  }

  async #load() {
    const { rangeSelection, addresses, fetchJson } = this.dependencies;
    const { range, owner } = rangeSelection;
    if (!range || !owner) return;
    const { shownSeries } = owner;
    const names = addresses.namesThatFit(shownSeries.map(({ name }) => name), shownSeries.length);
    const number = ++this.#request;
    try {
      const { series: found } = await fetchJson(addresses.statistics(range, names));
      if (number !== this.#request) return;
      this.#show(
        new Map(
          shownSeries.map((series) => [
            series,
            found[series.name] ?? { ...estimateStatistics(series, range), isEstimate: false },
          ]),
        ),
      );
      this.element.dataset.statistics = "exact";
    } catch {
      // The estimate stays. Another selection asks again.
      if (number === this.#request) this.#showEstimate(true);
    }
  }

  /** @param {Map<Series, RangeStatistics>} statistics */
  #show(statistics) {
    const { rangeSelection, format, labels } = this.dependencies;
    const { range } = rangeSelection;
    if (!range) return;
    const span = range.to - range.from;
    setText(byId("selection-duration"), formatDuration(span));
    setText(byId("selection-range"), format.range(range.from, range.to));
    const rows = [...statistics].map(([series, one]) => ({
      label: labels.of(series),
      name: series.name,
      kind: one.kind,
      cells: formatStatistics(series, one, span),
    }));
    this.more.hidden = !fillStatisticsTable(byId("selection-table"), rows);
  }

  #toggleRest() {
    const isOpen = this.element.classList.toggle("open");
    this.more.ariaExpanded = String(isOpen);
    this.#uncover();
  }

  /** Scroll as far as it takes until the bar covers nothing of the selected chart. */
  #uncover() {
    const { owner } = this.dependencies.rangeSelection;
    if (!owner) return;
    const chart = owner.stage.getBoundingClientRect();
    const covered = chart.bottom - this.element.getBoundingClientRect().top;
    if (covered > chart.height / 2) scrollBy({ top: covered });
  }

  #announce() {
    const { range } = this.dependencies.rangeSelection;
    if (!range) return;
    this.#showEstimate();
    this.#uncover();
    setText(byId("selection-announcement"), `Selected ${formatDuration(range.to - range.from)}`);
  }

  async #saveCsv() {
    const { rangeSelection, addresses, fetchJson } = this.dependencies;
    const { range, owner } = rangeSelection;
    if (!range || !owner) return;
    const status = byId("selection-status");
    const load = (
      /** @type {{ from: number, to: number }} */ part,
      /** @type {number} */ points,
      /** @type {string[]} */ names,
    ) => fetchJson(addresses.history(part, points, names));
    const tables = [];
    try {
      for (const { name, unit, kind } of owner.shownSeries) {
        tables.push({ name, unit, kind, rows: await loadReadings(name, range, load) });
      }
    } catch {
      setText(status, "Not saved: the server did not answer. Try again.");
      return;
    }
    const file = new Blob([formatCsv(tables)], { type: "text/csv" });
    downloadFile(file, exportFileName(range.to, "csv"));
    setText(status, "Saved");
  }
}
