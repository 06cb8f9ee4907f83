const OVERVIEW = "overview";
const SEARCH = "find";
const GROUPING = "group";
const SPAN = "spark";

/** What the overview keeps in its address, so that the browser's Back restores it. */
export class OverviewAddress {
  constructor() {
    const query = new URL(location.href).searchParams;
    this.search = query.get(SEARCH) ?? "";
    this.grouping = query.get(GROUPING) ?? "";
    this.span = Number(query.get(SPAN)) || 0;
    /** Pixels that the page was scrolled when it was left. */
    this.scroll = Number(history.state?.overviewScroll ?? 0);
    history.scrollRestoration = "manual";
  }

  /**
   * Save what people have chosen; "" is what the overview chooses.
   *
   * @param {{ search: string, grouping: string, span: string }} choice
   */
  save({ search, grouping, span }) {
    const url = new URL(location.href);
    const query = url.searchParams;
    for (const [name, value] of [[SEARCH, search], [GROUPING, grouping], [SPAN, span]]) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    // An address with any of them would otherwise open the charts.
    if (query.size && !query.has(OVERVIEW)) query.set(OVERVIEW, "");
    history.replaceState({ ...history.state, overviewScroll: window.scrollY }, "", url.href);
  }
}
