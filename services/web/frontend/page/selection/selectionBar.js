import { formatDuration } from "../../format.js";
import { byId, createElement, setText } from "../dom.js";
import { formatCsv } from "../export/csv.js";
import { downloadFile, exportFileName } from "../export/download.js";
import { loadReadings } from "./rangeReadings.js";
import { estimateStatistics } from "./rangeStatistics.js";
import { COLUMN_TITLES, formatStatistics } from "./statisticsText.js";

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
    this.head = createElement("thead", "");
    this.body = createElement("tbody", "");
    byId("selection-table").append(this.head, this.body);
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
    if (!range) return;
    this.#requestTimer = setTimeout(() => this.#load(), REQUEST_DELAY_MS);
    if (this.#estimateTimer) return;
    this.#estimateTimer = setTimeout(() => {
      this.#estimateTimer = 0;
      this.#showEstimate();
    }, ESTIMATE_INTERVAL_MS);
  }

  #showEstimate() {
    const { range, owner } = this.dependencies.rangeSelection;
    if (!range || !owner) return;
    const { shownSeries } = owner;
    this.#show(new Map(shownSeries.map((series) => [series, estimateStatistics(series, range)])));
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
            found[series.name] ?? estimateStatistics(series, range),
          ]),
        ),
      );
      this.element.dataset.statistics = "exact";
    } catch {
      // The estimate stays. Another selection asks again.
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
      cells: formatStatistics(series, one, span),
    }));
    const columns = COLUMN_TITLES.map((_, i) => i).filter((i) =>
      rows.some(({ cells }) => cells[i]),
    );
    const title = (/** @type {string} */ text) => {
      const cell = createElement("th", "", text);
      cell.scope = "col";
      return cell;
    };
    const titles = ["Series", ...columns.map((i) => COLUMN_TITLES[i])];
    this.head.replaceChildren(createElement("tr", "", ...titles.map(title)));
    this.body.replaceChildren(
      ...rows.map(({ label, name, cells }) => {
        const head = createElement("th", "", label);
        head.scope = "row";
        head.title = name;
        const shown = columns.map((i) => createElement("td", "", cells[i]));
        return createElement("tr", "", head, ...shown);
      }),
    );
  }

  #announce() {
    const { range } = this.dependencies.rangeSelection;
    if (!range) return;
    this.#showEstimate();
    setText(byId("selection-announcement"), `Selected ${formatDuration(range.to - range.from)}`);
  }

  async #saveCsv() {
    const { rangeSelection, addresses, fetchJson } = this.dependencies;
    const { range, owner } = rangeSelection;
    if (!range || !owner) return;
    const status = byId("selection-announcement");
    const load = (
      /** @type {{ from: number, to: number }} */ part,
      /** @type {number} */ points,
      /** @type {string[]} */ names,
    ) => fetchJson(addresses.history(part, points, names));
    const tables = [];
    try {
      for (const { name, unit } of owner.shownSeries) {
        tables.push({ name, unit, rows: await loadReadings(name, range, load) });
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
