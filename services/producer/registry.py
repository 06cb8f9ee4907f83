"""Which sources there are: those of ours, and those in a folder of the operator's own."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeAlias

from services.errors import SettingError
from services.producer import sources
from services.settings import Settings

if TYPE_CHECKING:
    # `stripchart up` checks the names before anything else, and shall not wait for Redis' client.
    from services.producer.source_context import SourceContext

Run: TypeAlias = "Callable[[SourceContext], None]"


def check_sources(settings: Settings) -> None:
    """Raises SettingError unless every source of the settings is there. Changes nothing."""
    there = sorted({found.name for found in iter_modules(_folders(settings))})
    for name in settings.sources:
        if name not in there:
            raise SettingError(f"there is no source {name!r}", f"there are {', '.join(there)}")


def load_sources(settings: Settings) -> list[tuple[str, Run]]:
    """Name and function of each source of the settings, in order. Raises SettingError."""
    check_sources(settings)
    # A source of the operator's own is imported as a module of the package, like ours.
    sources.__path__ = _folders(settings)
    return [(name, _function(name)) for name in dict.fromkeys(settings.sources)]


def _folders(settings: Settings) -> list[str]:
    """Return where sources are looked for: in our package, then in the operator's folder."""
    folder = str(Path(settings.sources_folder).absolute())
    known = list(sources.__path__)
    return [*known, folder] if settings.sources_folder and folder not in known else known


def _function(name: str) -> Run:
    try:
        run: Run = import_module(f"{sources.__name__}.{name}").run
    except Exception as error:
        raise SettingError(f"the source {name} can't be loaded: {error}") from error
    return run
