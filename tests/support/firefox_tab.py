"""A tab of Firefox: what it shows, what it logs, and the mouse and the keys of its user."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from tests.support.bidi import BidiConnection, BidiError
from tests.support.waiting import wait_until

_DRAG_STEPS: Final = 4
_KEYS: Final = {
    "Alt": "\ue00a",
    "ArrowDown": "\ue015",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "ArrowUp": "\ue013",
    "Backspace": "\ue003",
    "Control": "\ue009",
    "End": "\ue010",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Home": "\ue011",
    "PageDown": "\ue00f",
    "PageUp": "\ue00e",
    "Shift": "\ue008",
    "Space": " ",
    "Tab": "\ue004",
}

_SELECTORS: Final = {
    "button": "button",
    "dialog": "dialog[open]",
    "region": "section",
    "textbox": "input",
}

T = TypeVar("T")
Element = dict[str, str]


class Locator(NamedTuple):
    """A way to find an element. `by_role` and `by_css` make one."""

    selector: str
    name: str | None = None


_DOWN: Final = {"type": "pointerDown", "button": 0}
_UP: Final = {"type": "pointerUp", "button": 0}
# Browsers tell pages nothing about names. Firefox's own search by roles sometimes never answers.
_FIND: Final = """(selector, name) => {
  const textOf = id => document.getElementById(id)?.textContent ?? "";
  const nameOf = one => one.ariaLabel
    ?? one.getAttribute("aria-labelledby")?.split(" ").map(textOf).join(" ")
    ?? one.labels?.[0]?.innerText
    ?? one.innerText;
  return [...document.querySelectorAll(selector)].filter(one => {
    const { width, height } = one.getBoundingClientRect();
    return width > 0 && height > 0 && one.checkVisibility({ visibilityProperty: true })
      && (name === null || nameOf(one).trim() === name);
  });
}"""
# Null while the element moves, or if another one covers its middle.
_BOX: Final = """async (one) => {
  one.scrollIntoView({ block: "nearest", inline: "nearest" });
  const before = one.getBoundingClientRect();
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const { left, top, width, height } = one.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  const isStill = left === before.left && top === before.top && width === before.width;
  return isStill && one.contains(hit) ? [left, top, width, height] : null;
}"""


def by_role(role: str, name: str) -> Locator:
    """Return what finds the element with this role and exactly this name."""
    return Locator(_SELECTORS[role], name)


def by_css(selector: str) -> Locator:
    """Return what finds the elements of a CSS selector."""
    return Locator(selector)


def _describe(locator: Locator) -> str:
    return f"{locator.selector} {locator.name or ''}".rstrip()


def _move(x: float, y: float) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y)}


class FirefoxTab:
    """A tab of Firefox.

    Attributes:
        errors: The errors and warnings of the console, and exceptions of scripts.
        violations: The violations of the content security policy.
        hosts: The hosts, with ports, that the page has requested something from.
    """

    def __init__(self, connection: BidiConnection, context: str) -> None:
        self.errors: list[str] = []
        self.violations: list[str] = []
        self.hosts: set[str] = set()
        self._connection = connection
        self._context = context

    def handle_event(self, method: str, event: dict[str, Any]) -> None:
        """Record what Firefox reports about this tab."""
        if method == "log.entryAdded" and event["level"] in {"error", "warn"}:
            self.errors.append(event["text"])
        elif method == "script.message":
            self.violations.append(event["data"]["value"])
        elif method == "network.beforeRequestSent":
            address = urlsplit(event["request"]["url"])
            if address.netloc:
                self.hosts.add(address.netloc)

    def _send(self, method: str, **parameters: object) -> dict[str, Any]:
        return self._connection.send(method, context=self._context, **parameters)

    def resize(self, width: int, height: int) -> None:
        """Give the page this size in CSS pixels."""
        self._send("browsingContext.setViewport", viewport={"width": width, "height": height})

    def open(self, address: str) -> None:
        """Open an address, and wait until it is loaded."""
        self._send("browsingContext.navigate", url=address, wait="complete")

    def go_back(self) -> None:
        """Press the browser's Back. It does not wait for the page."""
        self._send("browsingContext.traverseHistory", delta=-1)

    def reload(self) -> None:
        """Load the page again."""
        self._send("browsingContext.reload", wait="complete")

    def screenshot(self) -> bytes:
        """Return a picture of what the tab shows, as PNG."""
        return base64.b64decode(self._send("browsingContext.captureScreenshot")["data"])

    def call(self, function: str, *arguments: object) -> Any:
        """Call a function in the page, and return its result.

        Args:
            function: An expression of JavaScript that is a function.
            arguments: Its arguments, as JSON; `{"sharedId": …}` is an element.
        """
        result = self._run(
            f"""async (...given) => JSON.stringify(await ({function})(
              ...given.map(one => typeof one === "string" ? JSON.parse(one) : one)) ?? null)""",
            arguments,
        )
        return json.loads(result["value"])

    def _run(self, function: str, arguments: Iterable[object]) -> dict[str, Any]:
        answer = self._connection.send(
            "script.callFunction",
            functionDeclaration=function,
            target={"context": self._context},
            awaitPromise=True,
            arguments=[
                one
                if isinstance(one, dict) and "sharedId" in one
                else {"type": "string", "value": json.dumps(one)}
                for one in arguments
            ],
        )
        if answer["type"] == "exception":
            raise AssertionError(f"{function}: {answer['exceptionDetails']['text']}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for(self, description: str, function: str, *arguments: object) -> Any:
        """Call a function in the page until its result is true, and return the result.

        Args:
            description: What is awaited, for the message of a failure.
            function: See `call`.
            arguments: See `call`.
        """
        return self._wait(description, lambda: self.call(function, *arguments))

    def _wait(self, description: str, attempt: Callable[[], T | None]) -> T:
        """Call a function until its result is true. The page may change to another meanwhile."""
        result: T | None = None
        refusal = ""

        def holds() -> bool:
            nonlocal result, refusal
            try:
                result, refusal = attempt(), ""
            except BidiError as error:
                result, refusal = None, f"; {error}"
            return bool(result)

        try:
            wait_until(description, holds)
        except AssertionError as error:
            text = self.call("() => `${location}: ${document.body.innerText.slice(0, 2000)}`")
            raise AssertionError(
                f"{error}{refusal}; logged: {self.errors[:3]}; page: {text}"
            ) from None
        assert result
        return result

    def find(self, locator: Locator) -> Element:
        """Wait until exactly one visible element is found, and return it."""

        def attempt() -> Element | None:
            result = self._run(f"() => ({_FIND})(...{json.dumps(locator)})", ())
            found = [{"sharedId": node["sharedId"]} for node in result["value"]]
            return found[0] if len(found) == 1 else None

        return self._wait(f"one visible {_describe(locator)}", attempt)

    def text(self, locator: Locator) -> str:
        """Return the visible text of an element, without a break of lines."""
        text: str = self.call("one => one.innerText.replace(/\\s+/g, ' ')", self.find(locator))
        return text

    def wait_for_text(self, locator: Locator, pattern: str) -> re.Match[str]:
        """Wait until the text of an element matches, and return the match."""
        return self._wait(
            f"{_describe(locator)} says {pattern}", lambda: re.search(pattern, self.text(locator))
        )

    def box(self, locator: Locator) -> tuple[float, float, float, float]:
        """Return left, top, width and height of an element once it stays in its place."""
        description = f"{_describe(locator)} can be clicked"
        left, top, width, height = self._wait(
            description, lambda: self.call(_BOX, self.find(locator))
        )
        return left, top, width, height

    def click(self, locator: Locator) -> None:
        """Click on the middle of an element."""
        left, top, width, height = self.box(locator)
        self._point(_move(left + width / 2, top + height / 2), _DOWN, _UP)

    def drag(self, locator: Locator, start: float, end: float) -> None:
        """Drag over an element at half of its height. Start and end are shares of its width."""
        left, top, width, height = self.box(locator)
        steps = (start + (end - start) * step / _DRAG_STEPS for step in range(_DRAG_STEPS + 1))
        first, *moves = (_move(left + share * width, top + height / 2) for share in steps)
        self._point(first, _DOWN, *moves, _UP)

    def _point(self, *actions: dict[str, Any]) -> None:
        self._send(
            "input.performActions",
            actions=[{"type": "pointer", "id": "mouse", "actions": list(actions)}],
        )

    def focus(self, locator: Locator) -> None:
        """Give an element the focus."""
        element = self.find(locator)
        focus = "one => { one.focus(); return document.activeElement === one; }"
        self.wait_for(f"{_describe(locator)} has the focus", focus, element)

    def press(self, *combinations: str) -> None:
        """Press keys one after the other, such as `Enter`, `a` or `Shift+ArrowLeft`."""
        actions: list[dict[str, str]] = []
        for combination in combinations:
            names = ["+"] if combination == "+" else combination.split("+")
            keys = [_KEYS.get(name, name) for name in names]
            actions += [{"type": "keyDown", "value": key} for key in keys]
            actions += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._send(
            "input.performActions", actions=[{"type": "key", "id": "keyboard", "actions": actions}]
        )

    def type_text(self, text: str) -> None:
        """Type into the field with the focus."""
        self.press(*text)
