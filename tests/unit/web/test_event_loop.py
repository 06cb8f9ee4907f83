"""Pauses in which the event loop looks after other work."""

import gevent
from gevent import socket

from services.web.http.event_loop import pass_turn


def test_everything_that_has_arrived_is_received_in_a_pause() -> None:
    ours, other = socket.socketpair()
    with ours, other:
        reader = gevent.spawn(ours.recv, 1)
        gevent.idle()
        other.send(b"x")
        pass_turn()
        pass_turn()
        assert reader.ready()
