"""The watch over live viewers' access: who may not look any more is disconnected."""

from collections.abc import Callable
from typing import Final

from services.errors import StripchartError
from services.web.access.principal import Principal
from services.web.live.frames import CLOSE_ACCESS_ENDED, CloseFrame
from services.web.live.send_queue import SendQueue

ACCESS_CHECK_SECONDS: Final = 1.0

FindAgain = Callable[[Principal], Principal | None]
"""Function that returns a principal as it is now, None if it has no access any more."""

_ENDED: Final = CloseFrame(CLOSE_ACCESS_ENDED, "access ended")


class AccessWatch:
    """Knows who watches, and closes those whose access has ended.

    Args:
        find_again: Looks a principal up.
    """

    def __init__(self, find_again: FindAgain = lambda principal: principal) -> None:
        self._find_again = find_again
        self._principals: dict[SendQueue, Principal] = {}

    def add(self, viewer: SendQueue, principal: Principal) -> None:
        """Watch a viewer."""
        self._principals[viewer] = principal

    def remove(self, viewer: SendQueue) -> None:
        """Stop watching a viewer."""
        self._principals.pop(viewer, None)

    def close_revoked(self) -> None:
        """Close the viewers whose principal has no access any more.

        A database that can't be read ends nobody's access.
        """
        has_access: dict[Principal, bool] = {}
        for viewer, principal in list(self._principals.items()):
            if principal not in has_access:
                try:
                    has_access[principal] = self._find_again(principal) is not None
                except StripchartError:
                    return
            if not has_access[principal]:
                viewer.finish(_ENDED)
