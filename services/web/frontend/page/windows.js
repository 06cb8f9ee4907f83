const PARAMETER = "window";
const REMEMBERED = "stripchart.window";

/** The choice of the window: in the address, so that a link shows the same, and remembered. */
export class Windows {
  /**
   * @param {HTMLElement} group its buttons carry the window in minutes
   * @param {(span: number) => void} onChoice takes seconds
   */
  constructor(group, onChoice) {
    this.buttons = [...group.querySelectorAll("button")];
    const asked = new URL(location.href).searchParams.get(PARAMETER) ?? recall();
    this.chosen = this.buttons.find((button) => button.value === asked) ?? this.buttons[0];
    this.#mark();
    for (const button of this.buttons) {
      button.addEventListener("click", () => {
        if (button === this.chosen) return;
        this.chosen = button;
        this.#mark();
        remember(button.value);
        onChoice(this.span);
      });
    }
  }

  /** Seconds of the chosen window. */
  get span() {
    return Number(this.chosen.dataset.minutes) * 60;
  }

  #mark() {
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button === this.chosen));
    }
  }
}

/** @param {string} choice */
function remember(choice) {
  const url = new URL(location.href);
  url.searchParams.set(PARAMETER, choice);
  history.replaceState(null, "", url);
  try {
    localStorage.setItem(REMEMBERED, choice);
  } catch {
    // Storage is switched off: the address still has it.
  }
}

function recall() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}
