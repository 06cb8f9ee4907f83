"""The watch over live viewers' access: who may not look any more is disconnected."""

from collections.abc import Callable
from typing import Final

from services.errors import StripchartError
from services.web.access.principal import Principal
from services.web.live.frames import CLOSE_ACCESS_ENDED, CLOSE_TRY_AGAIN, CloseFrame
from services.web.live.send_queue import SendQueue
from services.web.live.viewer_limits import ViewerLimits

ACCESS_CHECK_SECONDS: Final = 1.0
_RECONNECT_SECONDS: Final = 0.1

FindAgain = Callable[[Principal], Principal | None]
"""Function that returns a principal as it is now, None if it has no access any more."""

_ENDED: Final = CloseFrame(CLOSE_ACCESS_ENDED, "access ended")
_CHANGED: Final = CloseFrame(CLOSE_TRY_AGAIN, "access changed", _RECONNECT_SECONDS)


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
        """Close the viewers whose principal has no access any more, or to other series or times.

        The latter may connect again. A database that can't be read ends nobody's access.
        """
        now: dict[Principal, Principal | None] = {}
        for viewer, principal in list(self._principals.items()):
            if principal not in now:
                try:
                    now[principal] = self._find_again(principal)
                except StripchartError:
                    return
            found = now[principal]
            if found is None:
                viewer.finish(_ENDED)
            elif ViewerLimits.of_principal(found) != ViewerLimits.of_principal(principal):
                viewer.finish(_CHANGED)
