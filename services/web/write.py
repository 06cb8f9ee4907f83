"""Writes over HTTP: readings go into the journal, and are answered once it has them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Response, current_app

from services.broker import Journal, Message
from services.clock import Stamps, microseconds
from services.formats.decoded import Fault
from services.formats.json import decode
from services.settings import Settings
from services.web.answers import answer, refusal
from services.web.bodies import Bodies
from services.web.queries import Queries

blueprint = Blueprint("write", __name__)
_stamps = Stamps()


class Write(NamedTuple):
    """What a request wants to write. more: faults that are only counted."""

    messages: Sequence[Message]
    faults: Sequence[Fault]
    more: int

    @property
    def size(self) -> int:
        """How many readings it writes."""
        return sum(message.size for message in self.messages)

    def fits(self, settings: Settings) -> bool:
        """Whether an empty journal would take it."""
        size = sum(len(message.text) for message in self.messages)
        return (
            len(self.messages) <= settings.journal_max_entries
            and size <= settings.journal_max_bytes
        )


def init_app(app: Flask, settings: Settings, queries: Queries) -> None:
    """Add the route to an app."""
    app.extensions["settings"] = settings
    app.extensions["bodies"] = Bodies(queries)
    app.register_blueprint(blueprint)


@blueprint.post("/api/readings")
def readings() -> Response:
    """Take one reading, a list, or lines of them; what is bad is told by its place."""
    bodies: Bodies = current_app.extensions["bodies"]
    settings: Settings = current_app.extensions["settings"]
    write = bodies.decode(_decoded)
    if not write.fits(settings):
        # A journal that is full now is answered with 503; here no waiting would help.
        return refusal(413, "the journal can't hold so many readings at once: send fewer")
    if write.messages:
        journal: Journal = current_app.extensions["journal"]
        journal.publish(write.messages)
    if not write.faults:
        return answer({"ok": True, "written": write.size})
    return _partly(write)


def _partly(write: Write) -> Response:
    refused = len(write.faults) + write.more
    more: dict[str, Any] = {"more_errors": write.more} if write.more else {}
    return refusal(
        400,
        f"{refused} of {write.size + refused} readings refused",
        written=write.size,
        errors=[{"index": fault.place, "error": fault.error} for fault in write.faults],
        **more,
    )


def _decoded(body: bytes) -> Write:
    decoded = decode(body, microseconds(), _stamps.reserve)
    return Write(Message.of(decoded.readings), decoded.faults, decoded.more)
