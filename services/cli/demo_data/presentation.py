"""Labels, kinds, words of states and views, as the owner of a demo's data has set them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from services.command import Command, PutView, SetSettings
from services.formats.views import PanelSpec, ViewDocument
from services.series_settings import SettingsChange


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """The settings and views of a demo, which people could have made on the page.

    Attributes:
        settings: Settings by the name of the series.
        views: Views by their name.
    """

    settings: Mapping[str, SettingsChange] = field(default_factory=dict)
    views: Mapping[str, ViewDocument] = field(default_factory=dict)

    def commands(self) -> Iterator[Command]:
        """Yield the commands that make it, for series that exist and a database without views."""
        for name, change in self.settings.items():
            yield SetSettings(name, change)
        for name, document in self.views.items():
            yield PutView(name, 0, document.encode().decode())


def view(title: str, *panels: PanelSpec, window: str, columns: int = 2) -> ViewDocument:
    """Return a view whose panels have the ids p1, p2 and so on."""
    return ViewDocument.checked(ViewDocument(title, window, columns, list(panels)))
