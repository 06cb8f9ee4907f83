"""A user who does tasks with mouse and keyboard, and counts the actions."""

import re
from datetime import datetime

from playwright.sync_api import Locator, Page

from tests.browser.conftest import PageVisit
from tests.support.waiting import wait_until


class TaskUser:
    """Uses visible controls and documented keys only.

    Attributes:
        actions: Number of clicks, keys, texts and drags so far.
        mouse_x: Position of the mouse over the last chart from the left, in pixels.
        mouse_y: Its position from the top.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0
        self.mouse_x = self.mouse_y = 0.0

    def click(self, control: Locator) -> None:
        """Click a control."""
        self.actions += 1
        control.click()

    def press_button(self, name: str, within: Locator | None = None) -> None:
        """Click the button of this name."""
        self.click((within or self.page).get_by_role("button", name=name, exact=True))

    def press_key(self, key: str) -> None:
        """Press a key."""
        self.actions += 1
        self.page.keyboard.press(key)

    def fill(self, field: Locator, text: str) -> None:
        """Type a text into a field."""
        self.actions += 1
        field.fill(text)

    def panel(self, series: str) -> Locator:
        """Return the panel with the legend entry of a series."""
        return self.page.locator(".panel", has=self.page.locator(f'[data-series="{series}"]'))

    def legend(self, series: str) -> Locator:
        """Return the legend entry of a series."""
        return self.page.locator(f'[data-series="{series}"]')

    def point_at(self, series: str, time: float) -> Locator:
        """Move the mouse over the chart of a series to a time in seconds.

        Returns:
            The readout of that chart.
        """
        self.actions += 1
        panel = self.panel(series)
        self._hover_time(panel, time)
        return panel.locator(".tooltip")

    def readout_row(self, series: str) -> Locator:
        """Return the row of a series in the readout of its chart."""
        label = self.legend(series).locator(".series-name").inner_text()
        return self.panel(series).locator(".tooltip p").filter(has_text=label)

    def drag(self, series: str, start: float, end: float) -> None:
        """Drag over the chart of a series; start and end are times in seconds."""
        self.actions += 1
        panel = self.panel(series)
        last, _y = self._hover_time(panel, end)
        first, y = self._hover_time(panel, start)
        self.page.mouse.down()
        self.page.mouse.move((first + last) / 2, y)
        self.page.mouse.move(last, y)
        self.page.mouse.up()

    def _hover_time(self, panel: Locator, time: float) -> tuple[float, float]:
        """Move the mouse over a chart to a time in seconds, and return its position.

        The edges of a chart move while it loads, so the readout has the last word.
        """
        # Two times of the readout tell where all others are.
        (x1, t1), (x2, t2) = (self._time_at(panel, share) for share in (0.3, 0.8))
        seconds_per_pixel = (t2 - t1) / (x2 - x1)
        self.mouse_x = x1 + (time - t1) / seconds_per_pixel

        def is_there() -> bool:
            self._hover(panel, round(self.mouse_x))
            missing_seconds = time - read_time(panel.locator(".tooltip time"))
            if abs(missing_seconds) <= seconds_per_pixel + 1:
                return True
            self.mouse_x += missing_seconds / seconds_per_pixel
            return False

        wait_until("the readout shows the time", is_there)
        return self.mouse_x, self.mouse_y

    def _time_at(self, panel: Locator, share: float) -> tuple[float, float]:
        """Return a position as a share of a chart's width, in pixels, and its time."""
        box = panel.locator("canvas").bounding_box()
        assert box
        x = round(box["x"] + box["width"] * share)
        self._hover(panel, x)
        return x, read_time(panel.locator(".tooltip time"))

    def _hover(self, panel: Locator, x: float) -> None:
        """Move the mouse over a chart until it has a readout."""
        canvas = panel.locator("canvas")
        canvas.scroll_into_view_if_needed()

        def has_readout() -> bool:
            box = canvas.bounding_box()
            assert box
            self.mouse_x, self.mouse_y = x, box["y"] + box["height"] * 0.6
            self.page.mouse.move(x + 1, self.mouse_y)
            self.page.mouse.move(x, self.mouse_y)
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
            return panel.locator(".tooltip:not([hidden])").count() > 0

        wait_until("the chart has a readout", has_readout)


def open_home(visit: PageVisit) -> TaskUser:
    """Open the first page without a choice, as a new user would."""
    page = visit.open()
    page.wait_for_selector("[data-points]")
    return TaskUser(page)


def read_time(element: Locator) -> float:
    """Return the time that a readout shows, in seconds. Fine charts show milliseconds too."""
    text = re.sub(r"\s", " ", element.inner_text())
    seconds = "%S.%f" if "." in text else "%S"
    return datetime.strptime(text, f"%b %d, %Y, %I:%M:{seconds} %p").astimezone().timestamp()


def number(text: str) -> float:
    """Return the number in a text such as "1,470 ppm"."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", text)
    assert found, text
    return float(found[0].replace(",", ""))
