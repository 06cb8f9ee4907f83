"""The web service: the page, history, writes, and the live relay."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.web.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    # Not imported until it is asked for: gunicorn's worker patches the sockets first.
    if name == "create_app":
        from services.web.app import create_app  # noqa: PLC0415

        return create_app
    raise AttributeError(name)
