import { formatCount, formatWithUnit } from "../../format.js";
import { dialogOf } from "../dialogs/dialog.js";
import { byId, element } from "../element.js";
import { rowsOf } from "../export/rows.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ series: Series[], from: number, to: number, column: number }} Visible */

/** Rows of readings that are listed at most: the newest. */
const MOST_ROWS = 500;

/** The dialog with what is visible, as a table of series and a table of readings. */
export class Table {
  /**
   * @param {() => Visible} visible
   * @param {import("../../format.js").TimeFormat} format
   */
  constructor(visible, format) {
    this.format = format;
    this.open = dialogOf("table", () => this.#fill(visible())).open;
  }

  /** @param {Visible} visible */
  #fill(visible) {
    byId("table-body").replaceChildren(this.#summary(visible), this.#readings(visible));
  }

  /** @param {Visible} visible */
  #summary({ series, from, to }) {
    const rows = series.map((one) => {
      const summary = one.summary(from, to);
      const told = (/** @type {number | undefined} */ value) =>
        value === undefined ? "–" : formatWithUnit(value, one.unit);
      return [
        one.name,
        told(one.newest?.value),
        told(summary?.min),
        told(summary?.mean),
        told(summary?.max),
        formatCount(summary?.count ?? 0),
      ];
    });
    const head = ["Series", "Newest", "Min", "Mean", "Max", "Readings"];
    return table(this.format.range(from, to), head, rows);
  }

  /** @param {Visible} visible */
  #readings({ series, from, to, column }) {
    const all = series.flatMap((one) =>
      [...rowsOf(one, from, to, column)].map((row) => ({ ...row, one })),
    );
    all.sort((a, b) => b.time - a.time);
    const newest = all.slice(0, MOST_ROWS);
    const rest = all.length > newest.length ? `, the newest ${MOST_ROWS}` : "";
    const rows = newest.map(({ time, value, low, high, bucket, one }) => [
      this.format.dateTime(time),
      one.name,
      formatWithUnit(value, one.unit),
      bucket ? `${formatWithUnit(low, one.unit)} to ${formatWithUnit(high, one.unit)}` : "",
    ]);
    const coarse = newest.some(({ bucket }) => bucket);
    const head = ["Time", "Series", coarse ? "Mean" : "Value", ...(coarse ? ["Range"] : [])];
    const caption = `${formatCount(all.length)} ${coarse ? "rows" : "readings"}${rest}`;
    return table(caption, head, rows.map((row) => row.slice(0, head.length)), "data-table-readings");
  }
}

/**
 * @param {string} caption
 * @param {string[]} head
 * @param {string[][]} rows the first cell of each is its name
 * @param {string} [look] a class
 */
function table(caption, head, rows, look = "") {
  const made = element("table", `data-table ${look}`.trim(), element("caption", "", caption));
  made.append(element("thead", "", row(head.map((text) => cell("th", text, "col")))));
  const body = rows.map(([name, ...others]) =>
    row([cell("th", name, "row"), ...others.map((text) => cell("td", text, ""))]),
  );
  made.append(element("tbody", "", ...body));
  return element("div", "data-table-scroll", made);
}

/** @param {HTMLElement[]} cells */
const row = (cells) => element("tr", "", ...cells);

/**
 * @param {"th" | "td"} tag
 * @param {string} text
 * @param {string} scope
 */
function cell(tag, text, scope) {
  const made = element(tag, "", element("bdi", "", text));
  if (scope) made.setAttribute("scope", scope);
  return made;
}
