import {
  formatCount,
  formatReading,
  formatSeriesMean,
  formatSeriesValue,
} from "../../format.js";
import { hasMean } from "../../store/kinds.js";
import { byId, createElement } from "../dom.js";
import { readingRows } from "../readingRows.js";
import { setUpDialog } from "./dialog.js";

/** @typedef {import("../../store/series.js").Series} Series */
/**
 * @typedef {{ series: Series[], from: number, to: number, columnSeconds: number }} VisibleData
 *   the visible series and time range; `columnSeconds` is the length of one column of pixels
 */

/** Rows of the table of readings. */
const MAX_ROWS = 500;

/** The dialog that shows the visible data as a table of series and a table of readings. */
export class ReadingsTable {
  /**
   * @param {() => VisibleData} visibleData
   * @param {import("../../format.js").TimeFormat} format
   * @param {import("../seriesLabels.js").SeriesLabels} labels
   */
  constructor(visibleData, format, labels) {
    this.format = format;
    this.labels = labels;
    this.open = setUpDialog("table", () => this.#fill(visibleData())).open;
  }

  /** @param {VisibleData} visible */
  #fill(visible) {
    byId("table-body").replaceChildren(this.#seriesTable(visible), this.#readingsTable(visible));
  }

  /** @param {VisibleData} visible */
  #seriesTable({ series, from, to }) {
    const rows = series.map((one) => {
      const summary = one.summary(from, to);
      const format = (/** @type {number | undefined} */ value) =>
        value === undefined ? "–" : formatSeriesValue(one, value);
      return [
        this.labels.of(one),
        format(one.newest?.value),
        format(summary?.min),
        summary && hasMean(one) ? formatSeriesMean(one, summary.mean) : "–",
        format(summary?.max),
        formatCount(summary?.count ?? 0),
      ];
    });
    const header = ["Series", "Newest", "Min", "Mean", "Max", "Readings"];
    return createTable(this.format.range(from, to), header, rows);
  }

  /** @param {VisibleData} visible */
  #readingsTable({ series, from, to, columnSeconds }) {
    const all = series.flatMap((one) =>
      [...readingRows(one, from, to, columnSeconds)].map((row) => ({ ...row, series: one })),
    );
    all.sort((a, b) => b.time - a.time);
    const newest = all.slice(0, MAX_ROWS);
    const hasBuckets = newest.some(({ bucketSeconds }) => bucketSeconds);
    const header = ["Time", "Series", ...(hasBuckets ? ["Mean", "Range"] : ["Value"])];
    const rows = newest.map(({ time, value, min, max, bucketSeconds, series: one }) => {
      const text = bucketSeconds ? formatSeriesMean(one, value) : formatReading(one, value);
      const cells = [this.format.dateTime(time), this.labels.of(one), text];
      const range = `${formatReading(one, min)} to ${formatReading(one, max)}`;
      return hasBuckets ? [...cells, bucketSeconds ? range : ""] : cells;
    });
    const count = `${formatCount(all.length)} ${hasBuckets ? "rows" : "readings"}`;
    const limit = all.length > newest.length ? `, the newest ${MAX_ROWS}` : "";
    return createTable(count + limit, header, rows, "data-table-readings");
  }
}

/**
 * @param {string} caption
 * @param {string[]} header
 * @param {string[][]} rows the first cell of a row is its header
 * @param {string} [className] added to `data-table`
 */
function createTable(caption, header, rows, className = "") {
  const table = createElement(
    "table",
    `data-table ${className}`.trim(),
    createElement("caption", "", caption),
  );
  const head = createRow(header.map((text) => cell("th", text, "col")));
  const body = rows.map(([first, ...others]) =>
    createRow([cell("th", first, "row"), ...others.map((text) => cell("td", text, ""))]),
  );
  table.append(createElement("thead", "", head), createElement("tbody", "", ...body));
  return createElement("div", "data-table-scroll", table);
}

/** @param {HTMLElement[]} cells */
const createRow = (cells) => createElement("tr", "", ...cells);

/**
 * @param {"th" | "td"} tag
 * @param {string} text
 * @param {string} scope "" for none
 */
function cell(tag, text, scope) {
  const created = createElement(tag, "", createElement("bdi", "", text));
  if (scope) created.setAttribute("scope", scope);
  return created;
}
