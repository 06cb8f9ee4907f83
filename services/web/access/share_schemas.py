"""The documents of the API about share links. The docstrings are part of its description."""

from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta, Struct

from services.formats.views import NumberedView
from services.reading import ts_to_seconds
from services.store import StoredShare

_Seconds = Annotated[float, Meta(description="Unix time in seconds")]


class ShareItem(Struct):
    """A share link in the list.

    `window` is the length of the newest time that it shows, in seconds; `from` and `to` are the
    ends of the range that it shows. `expires` is null if it never ends. `creator` is empty for the
    command line. `view` is the name of the view that it shows, null for a link to series.
    """

    id: str
    title: str
    series: list[str]
    window: float | None
    from_: _Seconds | None = msgspec.field(name="from")
    to: _Seconds | None
    created: _Seconds
    expires: _Seconds | None
    creator: str
    view: str | None

    @classmethod
    def of_stored(cls, share: StoredShare) -> Self:
        """Return the item of a stored share."""
        return cls(
            share.id,
            share.title,
            list(share.series),
            share.window_seconds,
            _seconds(share.start),
            _seconds(share.end),
            ts_to_seconds(share.created_at),
            _seconds(share.expires_at),
            share.creator,
            share.view,
        )


class ShareList(Struct):
    """Share links, by age: all for an admin, otherwise those that the sender has made."""

    shares: list[ShareItem]


class SharedContent(Struct):
    """Content of a share link. The view is null for a link to series."""

    title: str
    window: float | None
    from_: _Seconds | None = msgspec.field(name="from")
    to: _Seconds | None
    expires: _Seconds | None
    view: NumberedView | None

    @classmethod
    def of_stored(cls, share: StoredShare, view: NumberedView | None) -> Self:
        """Return the content of a stored share, with the view that it shows."""
        return cls(
            share.title or ("" if view is None else view.title),
            share.window_seconds,
            _seconds(share.start),
            _seconds(share.end),
            _seconds(share.expires_at),
            view,
        )


class QrCode(Struct):
    """A QR code: an SVG path of lines as thick as a module, in a square of `size` modules."""

    size: int
    path: str


class ShareMade(Struct):
    """Confirmation that a share link is made. `link` is told only once."""

    ok: Literal[True]
    id: str
    link: str
    qr: QrCode


class ShareRevoked(Struct):
    """Confirmation that a share link is revoked."""

    ok: Literal[True]
    id: str


def _seconds(ts: int | None) -> float | None:
    return None if ts is None else ts_to_seconds(ts)
