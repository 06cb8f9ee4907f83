import { parseWindow } from "../../view/calendarWindows.js";
import { formatRange } from "../../view/timeRange.js";
import { byId, setText } from "../dom.js";
import { resolveView } from "./viewDocument.js";
import { ViewRefusedError } from "./viewsClient.js";

/** @typedef {import("./viewDocument.js").ViewDocument} ViewDocument */
/** @typedef {import("../dialogs/seriesSearch.js").ListedSeries} ListedSeries */
/**
 * Where a view is read. It throws ViewRefusedError.
 *
 * @typedef {object} ViewSource
 * @property {(name: string) => Promise<ViewDocument>} read
 * @property {() => Promise<{ name: string }[]>} list
 */
/**
 * @typedef {object} ViewPageParts
 * @property {ViewSource} client
 * @property {import("../panel/board.js").Board} board
 * @property {import("../../feed/feed.js").Feed} feed
 * @property {import("../seriesSelection.js").SeriesSelection} selection
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {(title: string) => void} setTitle sets the title of the page
 * @property {() => Promise<ListedSeries[]>} fetchSeries all series of the server
 */

/** Milliseconds between two looks for new series. */
const MIN_LISTING_INTERVAL_MS = 5_000;
/** A long list is fetched more rarely: the page spends at most this share of its time on it. */
const MAX_LISTING_SHARE = 0.02;
/** Milliseconds until the view is requested again if the server does not answer. */
const RETRY_MS = 2_000;

/** Shows one view, and keeps it up to date: new series join, and changes of others appear. */
export class ViewPage {
  /** The view as the server has it; null before it is loaded. @type {ViewDocument | null} */
  saved = null;
  /** The view as it is shown: `saved`, or a draft. @type {ViewDocument | null} */
  #shown = null;
  /** @type {ListedSeries[]} */
  #series = [];
  /** Names that the feed loads. */
  #names = "";
  #specs = "";
  #isStarted = false;

  /**
   * @param {string} name of the view
   * @param {ViewPageParts} parts
   */
  constructor(name, parts) {
    this.name = name;
    this.parts = parts;
  }

  /** Title of the shown view. */
  get title() {
    return this.#shown?.title || this.name;
  }

  /** All series of the server, as they were listed last. */
  get series() {
    return this.#series;
  }

  /** The view as it is shown. */
  get shown() {
    return this.#shown;
  }

  /** Load the view and show it; try again until the server answers. */
  async start() {
    try {
      const [view, series] = await Promise.all([
        this.parts.client.read(this.name),
        this.parts.fetchSeries(),
      ]);
      this.#series = series;
      this.#showWindow(view);
      this.showSaved(view);
      this.#isStarted = true;
      this.parts.feed.start();
      this.#scheduleListing(0);
    } catch (error) {
      if (error instanceof ViewRefusedError && error.status === 404) {
        this.#showDeleted();
        return;
      }
      setTimeout(() => this.start(), RETRY_MS);
    }
  }

  /**
   * Show a view or a draft of it.
   *
   * @param {ViewDocument} view
   */
  show(view) {
    this.#shown = view;
    setText(byId("view-title"), this.title);
    this.parts.setTitle(`${this.title} – Stripchart`);
    this.#resolve();
  }

  /** Read the view as the server has it now, and keep showing what is shown. */
  async readSaved() {
    const { client } = this.parts;
    try {
      // Browsers log a view that is not found as an error, even if that is expected.
      const listed = (await client.list()).some(({ name }) => name === this.name);
      if (listed) this.saved = await client.read(this.name);
      else this.#showDeleted();
    } catch (error) {
      // The view that is shown stays.
      if (!(error instanceof ViewRefusedError)) throw error;
    }
  }

  /**
   * Show a view that the server has.
   *
   * @param {ViewDocument} view
   */
  showSaved(view) {
    this.saved = view;
    byId("view-deleted").hidden = true;
    this.show(view);
  }

  #showDeleted() {
    this.saved = null;
    byId("view-deleted").hidden = false;
  }

  /** @param {ViewDocument} view */
  #showWindow({ window }) {
    const { selection, view } = this.parts;
    const range = window === null ? null : parseWindow(window, view.now);
    const isGiven = selection.useViewRange(range && formatRange(range));
    if (range && !isGiven) view.show(range);
  }

  /** Find the series of all panels, and show them. */
  #resolve() {
    if (!this.#shown) return;
    const { board, feed } = this.parts;
    const { specs, names, omittedCount } = resolveView(this.#shown, this.#series, (all) =>
      feed.namesThatFit(all),
    );
    const newNames = JSON.stringify([...names].sort());
    if (newNames !== this.#names) {
      this.#names = newNames;
      feed.selectSeries(names);
    }
    const newSpecs = JSON.stringify(specs);
    if (newSpecs !== this.#specs) {
      this.#specs = newSpecs;
      board.arrange(specs);
    }
    board.columns = this.#shown.columns;
    byId("view-empty").hidden = this.#shown.panels.length > 0;
    byId("view-omitted").hidden = omittedCount === 0;
    setText(byId("view-omitted-count"), `${omittedCount} more series match.`);
  }

  /** @param {number} spentMilliseconds time that the last list took */
  #scheduleListing(spentMilliseconds) {
    const wait = Math.max(MIN_LISTING_INTERVAL_MS, spentMilliseconds / MAX_LISTING_SHARE);
    setTimeout(() => this.#listSeries(), wait);
  }

  /** Look for series that have joined. */
  async #listSeries() {
    const begunAt = performance.now();
    if (document.visibilityState === "visible") await this.updateSeries();
    this.#scheduleListing(performance.now() - begunAt);
  }

  /** Read the list of series again, and let new ones join. */
  async updateSeries() {
    try {
      this.#series = await this.parts.fetchSeries();
      this.#resolve();
    } catch {
      // The connection shows that the server does not answer, and the next look comes soon.
    }
  }

  /** True once the view was shown. */
  get isStarted() {
    return this.#isStarted;
  }
}
