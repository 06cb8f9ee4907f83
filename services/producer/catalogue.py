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
    from services.producer.feed import Feed

Run: TypeAlias = "Callable[[Feed], None]"


def check_sources(settings: Settings) -> None:
    """Raises SettingError unless every source of the settings is there."""
    folder = str(Path(settings.sources_folder).absolute())
    if settings.sources_folder and folder not in sources.__path__:
        sources.__path__.append(folder)
    there = sorted(found.name for found in iter_modules(sources.__path__))
    for name in settings.sources:
        if name not in there:
            raise SettingError(f"there is no source {name!r}", f"there are {', '.join(there)}")


def load_sources(settings: Settings) -> list[tuple[str, Run]]:
    """Name and function of each source of the settings, in order. Raises SettingError."""
    check_sources(settings)
    return [(name, _function(name)) for name in dict.fromkeys(settings.sources)]


def _function(name: str) -> Run:
    try:
        run: Run = import_module(f"{sources.__name__}.{name}").run
    except Exception as error:
        raise SettingError(f"the source {name} can't be loaded: {error}") from error
    return run
