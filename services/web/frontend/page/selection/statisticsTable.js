import { createElement } from "../dom.js";
import { COLUMN_TITLES, isShortColumn } from "./statisticsText.js";

/** Class of the cells that only a wide screen shows. */
const WIDE = "selection-wide";

/**
 * One series in the table.
 *
 * @typedef {object} StatisticsRow
 * @property {string} label
 * @property {string} name
 * @property {string} kind
 * @property {string[]} cells one text for each column
 */

/**
 * Fill the selection's table, which leaves out columns without texts.
 *
 * A small screen shows the short columns only, and the rest as a second row of each series.
 *
 * @param {HTMLElement} table
 * @param {StatisticsRow[]} rows
 * @returns {boolean} true if a small screen has more to show
 */
export function fillStatisticsTable(table, rows) {
  const kinds = rows.map(({ kind }) => kind);
  const columns = COLUMN_TITLES.map((title, index) => ({
    title,
    index,
    className: classOf(title, kinds),
  })).filter(({ index }) => rows.some(({ cells }) => cells[index]));
  const rest = columns.filter(({ className }) => className === WIDE);
  const head = createElement(
    "tr",
    "",
    createTitle("Series", ""),
    ...columns.map(({ title, className }) => createTitle(title, className)),
  );
  const body = rows.flatMap(({ label, name, cells }) => {
    const title = createElement("th", "", label);
    title.scope = "row";
    title.title = name;
    const texts = columns.map(({ index, className }) =>
      createElement("td", className, cells[index]),
    );
    const row = createElement("tr", "", title, ...texts);
    const facts = rest
      .filter(({ index }) => cells[index])
      .map(({ title: fact, index }) => createElement("span", "", `${fact} ${cells[index]}`));
    if (!facts.length) return [row];
    const cell = createElement("td", "", ...facts);
    cell.colSpan = columns.length - rest.length + 1;
    return [row, createElement("tr", "selection-rest", cell)];
  });
  table.replaceChildren(
    createElement("thead", "", head),
    createElement("tbody", "", ...body),
  );
  return rest.length > 0;
}

/**
 * @param {string} title
 * @param {string[]} kinds
 */
function classOf(title, kinds) {
  if (!isShortColumn(title, kinds)) return WIDE;
  return title === "States" ? "selection-text" : "";
}

/**
 * @param {string} text
 * @param {string} className
 */
function createTitle(text, className) {
  const title = createElement("th", className, text);
  title.scope = "col";
  return title;
}
