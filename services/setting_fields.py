"""Fields of the settings table: how one is declared, read from the environment, and written.

Every setting can also be read from a file whose path is in `NAME_FILE`, which suits secrets.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from services.errors import SettingError


def setting(
    name: str,
    default: str,
    help_text: str,
    parse: Callable[[str], object] = str,
    to_text: Callable[[Any], str] = str,
) -> Any:
    """Declare a setting as a field of a dataclass.

    Args:
        name: Name of the environment variable.
        default: Text that is parsed if the variable is not set.
        help_text: What the setting does, its unit, and the effect of the default; one sentence or
            more.
        parse: Converts the text to the value. Raises ValueError, with the rule, if it can't.
        to_text: Converts the value to a text that `parse` converts back.
    """
    metadata = {"name": name, "default": default, "help": help_text}
    return field(metadata=metadata | {"parse": parse, "to_text": to_text})


@dataclass(frozen=True, kw_only=True)
class SettingsTable:
    """A table of settings, of which each field declares a row."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read all settings.

        Raises:
            SettingError: A setting is invalid; the error names it.
        """
        return cls(**{declared.name: read_setting(declared, environ) for declared in fields(cls)})

    @classmethod
    def from_environ_with_defaults(
        cls, environ: Mapping[str, str] = os.environ
    ) -> tuple[Self, list[SettingError]]:
        """Read all settings, and use the default of each invalid one.

        Returns:
            The settings, and one error for each invalid setting.
        """
        values: dict[str, Any] = {}
        errors: list[SettingError] = []
        for declared in fields(cls):
            try:
                values[declared.name] = read_setting(declared, environ)
            except SettingError as error:
                errors.append(error)
                values[declared.name] = read_setting(declared, {})
        return cls(**values), errors

    @classmethod
    def rows(cls) -> list[tuple[str, str, str]]:
        """Return the name, the default and the help text of every setting, in order."""
        return [describe_setting(declared) for declared in fields(cls)]

    def to_texts(self) -> list[str]:
        """Return the text of each setting, in the order of the table.

        Each text parses to the value that the setting has now.
        """
        return [format_setting(declared, getattr(self, declared.name)) for declared in fields(self)]


def describe_setting(declared: Field[Any]) -> tuple[str, str, str]:
    """Return the name, the default and the help text of a setting."""
    metadata = declared.metadata
    return metadata["name"], metadata["default"], metadata["help"]


def read_setting(declared: Field[Any], environ: Mapping[str, str]) -> Any:
    """Read a setting from its variable, from the file that `NAME_FILE` names, or its default.

    Raises:
        SettingError: The value is invalid, the file can't be read, or both variables are set.
    """
    name, default, help_text = describe_setting(declared)
    text = environ.get(name)
    path = environ.get(f"{name}_FILE")
    if text is not None and path is not None:
        raise SettingError(f"{name} and {name}_FILE are both set", "unset one of them")
    if path is not None:
        text = _read_file(name, path)
    if text is None:
        text = default
    try:
        return declared.metadata["parse"](text)
    except ValueError as error:
        raise SettingError(f"{name}={text!r} can't be used: {error}", help_text) from error


def format_setting(declared: Field[Any], value: object) -> str:
    """Return the text that parses to the value."""
    text: str = declared.metadata["to_text"](value)
    return text


def is_setting_given(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Return True if a setting is given explicitly, even with its default value."""
    return bool(environ.get(name)) or f"{name}_FILE" in environ


def _read_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingError(f"{name}_FILE can't be read: {error}") from error
