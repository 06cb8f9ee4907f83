import { formatCount } from "../../format.js";
import { byId, createElement } from "../dom.js";
import { readingRows } from "../readingRows.js";
import { setUpDialog } from "./dialog.js";
import { NONE, readingCells, seriesCells, SERIES_TITLES, valueColumn } from "./readingCells.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./readingCells.js").CellText} CellText */
/**
 * @typedef {{ series: Series[], from: number, to: number, now: number, live: boolean,
 *             columnSeconds: number }} VisibleData
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
  #seriesTable(visible) {
    const { series, from, to } = visible;
    const rows = series.map((one) => [this.labels.of(one), ...seriesCells(one, visible)]);
    const titles = ["Series", ...SERIES_TITLES];
    // A column in which no series has anything, such as that of states, would only take room.
    const isKept = titles.map((_, i) => i === 0 || rows.some((cells) => cells[i] !== NONE));
    const keptCells = rows.map((cells) => cells.filter((_, i) => isKept[i]));
    return createTable(
      this.format.range(from, to),
      titles.filter((_, i) => isKept[i]),
      keptCells.map((cells) => cells.map((text) => ({ text }))),
    );
  }

  /** @param {VisibleData} visible */
  #readingsTable({ series, from, to, columnSeconds }) {
    const all = series.flatMap((one) =>
      [...readingRows(one, from, to, columnSeconds)].map((row) => ({ ...row, series: one })),
    );
    all.sort((a, b) => b.time - a.time);
    const newest = all.slice(0, MAX_ROWS);
    const { title, hasRanges } = valueColumn(newest);
    const header = ["Time", "Series", title, ...(hasRanges ? ["Range"] : [])];
    const rows = newest.map((row) => {
      const { time, series: one } = row;
      const [value, range] = readingCells(one, row);
      const names = [this.format.dateTime(time), this.labels.of(one)].map((text) => ({ text }));
      return [...names, value, ...(hasRanges ? [range] : [])];
    });
    const noun = hasRanges ? "rows" : all.length === 1 ? "reading" : "readings";
    const count = `${formatCount(all.length)} ${noun}`;
    const limit = all.length > newest.length ? `, the newest ${MAX_ROWS}` : "";
    return createTable(count + limit, header, rows, "data-table-readings");
  }
}

/**
 * @param {string} caption
 * @param {string[]} header
 * @param {CellText[][]} rows the first cell of a row is its header
 * @param {string} [className] added to `data-table`
 */
function createTable(caption, header, rows, className = "") {
  const table = createElement(
    "table",
    `data-table ${className}`.trim(),
    createElement("caption", "", caption),
  );
  const head = createRow(header.map((text) => cell("th", { text }, "col")));
  const body = rows.map(([first, ...others]) =>
    createRow([cell("th", first, "row"), ...others.map((one) => cell("td", one, ""))]),
  );
  table.append(createElement("thead", "", head), createElement("tbody", "", ...body));
  return createElement("div", "data-table-scroll", table);
}

/** @param {HTMLElement[]} cells */
const createRow = (cells) => createElement("tr", "", ...cells);

/**
 * @param {"th" | "td"} tag
 * @param {CellText} content
 * @param {string} scope "" for none
 */
function cell(tag, { text, title }, scope) {
  const created = createElement(tag, "", createElement("bdi", "", text));
  if (title) created.title = title;
  if (scope) created.setAttribute("scope", scope);
  return created;
}
