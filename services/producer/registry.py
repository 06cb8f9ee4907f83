"""The registry of sources: our own, and those in the operator's folder."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeAlias

from services.errors import SettingError
from services.producer import sources
from services.settings import Settings

if TYPE_CHECKING:
    # `stripchart up` checks the names first, and should not wait for the import of redis-py.
    from services.producer.source_context import SourceContext

SourceFunction: TypeAlias = "Callable[[SourceContext], None]"
"""The function `run` of a source."""


def check_sources(settings: Settings) -> None:
    """Check that every source of the settings exists, without importing any.

    Raises:
        SettingError: A source does not exist.
    """
    available = sorted({module.name for module in iter_modules(_folders(settings))})
    for name in settings.sources:
        if name not in available:
            raise SettingError(
                f"there is no source {name!r}", f"choose from {', '.join(available)}"
            )


def load_sources(settings: Settings) -> list[tuple[str, SourceFunction]]:
    """Import the sources of the settings.

    Returns:
        Name and function of each source, in order, without duplicates.

    Raises:
        SettingError: A source does not exist or can't be imported.
    """
    check_sources(settings)
    # A source in the operator's folder is imported as a module of our package.
    sources.__path__ = _folders(settings)
    return [(name, _load(name)) for name in dict.fromkeys(settings.sources)]


def _folders(settings: Settings) -> list[str]:
    """Return the folders of sources: our package, then the operator's folder."""
    folder = str(Path(settings.sources_folder).absolute())
    folders = list(sources.__path__)
    return [*folders, folder] if settings.sources_folder and folder not in folders else folders


def _load(name: str) -> SourceFunction:
    try:
        run: SourceFunction = import_module(f"{sources.__name__}.{name}").run
    except Exception as error:
        raise SettingError(f"source {name} can't be loaded: {error}") from error
    return run
