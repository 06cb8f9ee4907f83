import { byId } from "../dom.js";
import { CardUpdater } from "./cardUpdater.js";
import { CheckedSeriesBar } from "./checkedSeriesBar.js";
import { focusOverviewSearch } from "./firstPage.js";
import { findGroupings, groupSeries } from "./grouping.js";
import { LiveValues } from "./liveValues.js";
import { OverviewAddress } from "./overviewAddress.js";
import { OverviewList } from "./overviewList.js";
import { OverviewSearch } from "./overviewSearch.js";
import { OverviewSeries } from "./overviewSeries.js";
import { SparklineLoader } from "./sparklineLoader.js";
import { showViewList } from "./viewList.js";

/** @typedef {import("./overviewSeries.js").ListedSeries} ListedSeries */

/** Milliseconds between updates of the ages, and of missing sparklines. */
const TICK_MS = 1_000;
/** Age of the list in milliseconds after which it is loaded again, for new series. */
const MAX_LIST_AGE_MS = 60_000;
/** Time in which the writer adds a new series to the list. */
const LISTING_DELAY_MS = 1_000;
/** Series that are younger than this have sparklines of an hour. */
const YOUNG_SECONDS = 6 * 3_600;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * The first page of a server with many series: all of them, in groups, each with its newest value,
 * a sparkline and its freshness.
 */
export class Overview {
  /** All series by name. @type {Map<string, OverviewSeries>} */
  series = new Map();
  /** Time of the newest reading in seconds. @type {number | null} */
  newestTime = null;
  #listedAt = -Infinity;
  #isListing = false;
  #isSpanChosen = false;

  /**
   * @param {object} options
   * @param {import("../../feed/addresses.js").Addresses} options.addresses
   * @param {import("../../store/serverClock.js").ServerClock} options.clock
   * @param {(address: string) => Promise<any>} options.fetchJson
   * @param {number} options.maxSeries series that the charts can show together
   * @param {ConstructorParameters<typeof LiveValues>[0]["connection"]} options.connection
   */
  constructor(options) {
    this.options = options;
    const { addresses, clock, fetchJson, connection, maxSeries } = options;
    const now = () => clock.now();
    this.address = new OverviewAddress();
    this.grouping = /** @type {HTMLSelectElement} */ (byId("overview-grouping"));
    this.span = /** @type {HTMLSelectElement} */ (byId("overview-span"));
    this.loader = new SparklineLoader({
      addresses, fetchJson, now, onLoad: ({ name }) => this.updater.redraw(name),
    });
    this.updater = new CardUpdater({
      cards: () => this.list.cards, now, spanSeconds: () => this.loader.spanSeconds,
    });
    const addressOf = (/** @type {string[]} */ names) => {
      const fit = addresses.namesThatFit(names, maxSeries);
      return fit.length === names.length ? addresses.charts(names) : null;
    };
    this.selection = new CheckedSeriesBar({ addressOf, maxSeries, onClear: () => this.#onClear() });
    this.list = new OverviewList(byId("overview-list"), {
      seriesOf: (name) => /** @type {OverviewSeries} */ (this.series.get(name)),
      addressOf,
      selected: this.selection.names,
      onSelect: (name, isSelected) => this.selection.select(name, isSelected),
      onChange: () => this.#onVisible(),
    });
    this.search = new OverviewSearch({
      list: this.list,
      onOpen: (name) => location.assign(addresses.charts([name])),
      onChange: () => this.#show(),
    });
    this.live = new LiveValues({
      addresses,
      clock,
      connection,
      visibleNames: () => [...this.list.cards.keys()],
      seriesCount: () => this.series.size,
      onReadings: (...reading) => this.#addReadings(...reading),
      onChange: () => this.#listSoon(),
      onViewsChange: () => this.#showViews(),
      onSubscribe: (names) => this.#refreshValues(names),
    });
  }

  /**
   * Show the overview.
   *
   * @param {ListedSeries[]} list all series of the server
   */
  start(list) {
    document.documentElement.dataset.page = "overview";
    byId("overview").hidden = false;
    this.#useList(list);
    this.search.text = this.address.search;
    this.#fillSpans();
    this.#connectControls();
    this.#show();
    window.scrollTo(0, this.address.scroll);
    setInterval(() => this.#tick(), TICK_MS);
    this.#showViews();
    this.live.start();
  }

  #showViews() {
    const { addresses, fetchJson } = this.options;
    showViewList(addresses, fetchJson);
  }

  #connectControls() {
    this.grouping.addEventListener("change", () => this.#show());
    this.span.addEventListener("change", () => this.#changeSpan());
    window.addEventListener("online", () => this.live.connection.reconnectNow());
    window.addEventListener("pagehide", () => this.#saveAddress());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.live.connection.reconnectNow();
    });
  }

  /** @param {ListedSeries[]} list */
  #useList(list) {
    this.#listedAt = performance.now();
    const names = new Set(list.map(({ name }) => name));
    for (const name of this.series.keys()) if (!names.has(name)) this.series.delete(name);
    for (const listed of list) {
      const known = this.series.get(listed.name);
      if (known) known.update(listed);
      else this.series.set(listed.name, new OverviewSeries(listed));
      this.newestTime = Math.max(this.newestTime ?? 0, listed.last ?? 0) || null;
    }
    this.search.useList(list);
    const chosen = this.grouping.value || this.address.grouping;
    const groupings = findGroupings(list);
    const options = groupings.map(({ value, text }) => new Option(text, value));
    this.grouping.replaceChildren(...options);
    if (groupings.some(({ value }) => value === chosen)) this.grouping.value = chosen;
  }

  #fillSpans() {
    const now = this.options.clock.now();
    const ages = [...this.series.values()].map(({ listed }) => now - (listed.first ?? now));
    const median = ages.sort((a, b) => a - b)[ages.length >> 1] ?? 0;
    const span = this.address.span || (median < YOUNG_SECONDS ? HOUR_SECONDS : DAY_SECONDS);
    this.span.value = String(span);
    this.#isSpanChosen = this.address.span > 0;
    this.loader.spanSeconds = Number(this.span.value) || DAY_SECONDS;
  }

  /** Show what the search finds, or all series in groups. */
  #show() {
    const { list, search, grouping } = this;
    const found = search.find();
    const groupOfFound = found.length ? [{ title: "Found", series: found }] : [];
    const groups = search.text ? groupOfFound : groupSeries(found, grouping.value);
    list.show(groups);
    search.show(groups.flatMap(({ series }) => series));
    this.#saveAddress();
  }

  #saveAddress() {
    const { search, grouping, span } = this;
    this.address.save({
      search: search.text,
      grouping: grouping.selectedIndex > 0 ? grouping.value : "",
      span: this.#isSpanChosen ? span.value : "",
    });
  }

  #onClear() {
    for (const { box } of this.list.cards.values()) box.checked = false;
    focusOverviewSearch();
  }

  #changeSpan() {
    this.#isSpanChosen = true;
    this.loader.spanSeconds = Number(this.span.value);
    this.loader.restart();
    for (const series of this.series.values()) series.loadedAt = -Infinity;
    this.#saveAddress();
    this.#onVisible();
  }

  #onVisible() {
    this.updater.updateAll();
    this.loader.load([...this.list.cards.values()].map(({ series }) => series));
    this.live.update();
  }

  #tick() {
    if (document.visibilityState !== "visible") return;
    if (performance.now() - this.#listedAt > MAX_LIST_AGE_MS) this.#loadList();
    this.#onVisible();
  }

  /**
   * @param {string} name
   * @param {number[]} times
   * @param {number[]} values
   */
  #addReadings(name, times, values) {
    const series = this.series.get(name);
    if (!series) {
      this.#listSoon();
      return;
    }
    for (const [i, time] of times.entries()) series.addReading(time, values[i]);
    this.newestTime = Math.max(this.newestTime ?? 0, series.newest?.time ?? 0);
    this.updater.update(name);
  }

  #listSoon() {
    if (this.#isListing) return;
    this.#isListing = true;
    setTimeout(() => this.#loadList(), LISTING_DELAY_MS);
  }

  async #loadList() {
    this.#isListing = true;
    this.#listedAt = performance.now();
    const { addresses, fetchJson } = this.options;
    const before = listKey(this.series);
    try {
      this.#useList((await fetchJson(addresses.series)).series);
      if (listKey(this.series) !== before) this.#show();
      this.#onVisible();
    } catch {
      // The next tick tries again; the connection shows that the server is unavailable.
    } finally {
      this.#isListing = false;
    }
  }

  /**
   * Load the newest readings of series that were not sent until now.
   *
   * @param {string[] | null} names null for all
   */
  async #refreshValues(names) {
    if (names === null) {
      if (this.#listedAt < performance.now() - TICK_MS) this.#listSoon();
      return;
    }
    const { addresses, fetchJson } = this.options;
    try {
      const list = /** @type {ListedSeries[]} */ ((await fetchJson(addresses.seriesNamed(names))).series);
      for (const listed of list) this.series.get(listed.name)?.update(listed);
      this.#onVisible();
    } catch {
      // They come with the next list.
    }
  }
}

/** @param {Map<string, OverviewSeries>} series */
function listKey(series) {
  const listed = [...series.values()].map((one) => one.listed);
  return JSON.stringify(listed.map(({ name, label, kind, unit }) => [name, label, kind, unit]));
}
