"""External messages are decoded, and a bounded number of them waits for the journal."""

import pytest

from services.broker import Message
from services.reading import Reading
from services.writer.external_messages import ExternalMessageDecoder, PendingMessages

NOW = 1_795_342_272_000_000


@pytest.fixture
def decoder() -> ExternalMessageDecoder:
    return ExternalMessageDecoder(lambda: NOW)


def test_reading_without_time_gets_the_time_of_arrival(decoder: ExternalMessageDecoder) -> None:
    decoded = decoder.decode(b'{"series":"kitchen","value":21.5}')
    assert decoded.messages == Message.of([Reading("kitchen", NOW, 21.5)])
    assert decoded.reasons == []


def test_readings_that_arrive_together_get_different_times(
    decoder: ExternalMessageDecoder,
) -> None:
    first = decoder.decode(b'{"series":"kitchen","value":1}')
    second = decoder.decode(b'{"series":"kitchen","value":2}')
    assert first.messages == Message.of([Reading("kitchen", NOW, 1.0)])
    assert second.messages == Message.of([Reading("kitchen", NOW + 1, 2.0)])


def test_malformed_text_has_a_reason_and_no_message(decoder: ExternalMessageDecoder) -> None:
    decoded = decoder.decode(b"hello")
    assert decoded.messages == []
    assert len(decoded.reasons) == 1


def test_full_queue_drops_the_oldest_message() -> None:
    pending = PendingMessages(max_messages=2)
    messages = [Message(1, b"a"), Message(1, b"b"), Message(1, b"c")]
    for message in messages:
        pending.add(message)
    assert len(pending) == 2
    assert pending.oldest() == messages[1]
    assert pending.take_dropped_count() == 1
    assert pending.take_dropped_count() == 0


def test_removed_message_makes_room_for_the_next_one() -> None:
    pending = PendingMessages(max_messages=1)
    pending.add(Message(1, b"a"))
    pending.remove_oldest()
    pending.add(Message(1, b"b"))
    assert pending.oldest().text == b"b"
    assert pending.take_dropped_count() == 0
    pending.clear()
    assert not len(pending)
