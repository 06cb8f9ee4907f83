"""Firefox without a window, cut off from every other host, and its tabs."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from tests.support.bidi import BidiConnection
from tests.support.firefox_tab import FirefoxTab
from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.programs import require_program

_ADDRESS: Final = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_EVENTS: Final = ("log.entryAdded", "network.beforeRequestSent", "script.message")
_VIEWPORT: Final = (1280, 720)
_VIOLATIONS: Final = "stripchart-violations"
# Runs before the page's own scripts.
_REPORT_VIOLATIONS: Final = """send => document.addEventListener("securitypolicyviolation", event =>
  send(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`))"""


def _preferences() -> dict[str, bool | int | str]:
    """Return the settings of a profile that asks no other host for anything."""
    return {
        # Everything but this machine is behind a proxy that does not answer.
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": free_port(),
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": free_port(),
        "app.normandy.enabled": False,
        "app.update.disabledForTesting": True,
        "browser.aboutwelcome.enabled": False,
        "browser.newtabpage.enabled": False,
        "browser.safebrowsing.blockedURIs.enabled": False,
        "browser.safebrowsing.malware.enabled": False,
        "browser.safebrowsing.phishing.enabled": False,
        "browser.search.update": False,
        "browser.shell.checkDefaultBrowser": False,
        "browser.startup.homepage_override.mstone": "ignore",
        "browser.startup.page": 0,
        "datareporting.healthreport.uploadEnabled": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "dom.push.connection.enabled": False,
        "extensions.getAddons.cache.enabled": False,
        "extensions.update.enabled": False,
        "intl.accept_languages": "en-US",
        "intl.locale.requested": "en-US",
        "layout.css.prefers-color-scheme.content-override": 1,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "network.dns.disablePrefetch": True,
        "network.prefetch-next": False,
        "toolkit.telemetry.enabled": False,
        "toolkit.telemetry.unified": False,
    }


class Firefox:
    """A running Firefox with a profile of its own. It ends with the block.

    Args:
        folder: The folder for its profile and its log.
    """

    def __init__(self, folder: Path) -> None:
        profile = folder / "profile"
        profile.mkdir(parents=True)
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                 for name, value in _preferences().items())  # fmt: skip
        (profile / "user.js").write_text("".join(lines), encoding="utf-8")
        self._process = ManagedProcess(
            "firefox",
            [
                require_program("firefox"), "--headless", "--no-remote", "--profile", profile,
                "--remote-debugging-port=0",
            ],
            folder,
            {"HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_HEADLESS": "1"},
        )  # fmt: skip
        self._tabs: dict[str, FirefoxTab] = {}

    def __enter__(self) -> Self:
        self._process.start()
        try:
            self._process.wait_until_ready(lambda: _ADDRESS.search(self._process.log_text()))
            address = _ADDRESS.search(self._process.log_text())
            assert address
            self._connection = BidiConnection(address[1], self._dispatch)
        except BaseException:
            self._process.kill()
            raise
        self.send("session.subscribe", events=list(_EVENTS))
        channel = {"type": "channel", "value": {"channel": _VIOLATIONS}}
        self.send(
            "script.addPreloadScript", functionDeclaration=_REPORT_VIOLATIONS, arguments=[channel]
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.__exit__()
        self._process.kill()

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command of WebDriver BiDi, and return its result."""
        return self._connection.send(method, **parameters)

    def _dispatch(self, method: str, event: dict[str, Any]) -> None:
        context = event.get("context") or event.get("source", {}).get("context")
        if context in self._tabs:
            self._tabs[context].handle_event(method, event)

    @contextmanager
    def new_tab(self) -> Iterator[FirefoxTab]:
        """Open an empty tab that has stored nothing. It is closed at the end of the block."""
        user = self.send("browser.createUserContext")["userContext"]
        context = self.send("browsingContext.create", type="tab", userContext=user)["context"]
        tab = self._tabs[context] = FirefoxTab(self._connection, context)
        try:
            tab.resize(*_VIEWPORT)
            yield tab
        finally:
            del self._tabs[context]
            self.send("browser.removeUserContext", userContext=user)
