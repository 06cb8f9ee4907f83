"""Prefixes of InfluxDB's addresses: some programs put a path of their own before them."""

from typing import Any

from flask import Blueprint


def ignore_prefix(blueprint: Blueprint) -> None:
    """Hide the variable `prefix` of a blueprint's routes from its views."""

    def drop(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is not None:
            values.pop("prefix", None)

    blueprint.url_value_preprocessor(drop)
