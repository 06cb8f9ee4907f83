"""External messages are decoded into messages for the journal."""

import pytest

from services.broker import Message
from services.reading import Reading
from services.writer.external_messages import ExternalMessageDecoder

NOW = 1_795_342_272_000_000


@pytest.fixture
def decoder() -> ExternalMessageDecoder:
    return ExternalMessageDecoder()


def test_reading_without_time_gets_the_time_of_arrival(decoder: ExternalMessageDecoder) -> None:
    decoded = decoder.decode(b'{"series":"kitchen","value":21.5}', NOW)
    assert decoded.messages == Message.of([Reading("kitchen", NOW, 21.5)])
    assert decoded.reasons == []


@pytest.mark.parametrize("key", ["time", "timestamp"])
def test_time_may_have_another_name(decoder: ExternalMessageDecoder, key: str) -> None:
    decoded = decoder.decode(b'{"series":"kitchen","value":1,"%b":1}' % key.encode(), NOW)
    assert decoded.messages == Message.of([Reading("kitchen", 1_000_000, 1.0)])


def test_time_under_an_unknown_name_has_a_reason(decoder: ExternalMessageDecoder) -> None:
    decoded = decoder.decode(b'[{"series":"kitchen","value":1,"created_at":1}]', NOW)
    assert decoded.messages == []
    assert "looks like its time" in decoded.reasons[0]


def test_readings_that_arrive_together_get_different_times(
    decoder: ExternalMessageDecoder,
) -> None:
    first = decoder.decode(b'{"series":"kitchen","value":1}', NOW)
    second = decoder.decode(b'{"series":"kitchen","value":2}', NOW)
    assert first.messages == Message.of([Reading("kitchen", NOW, 1.0)])
    assert second.messages == Message.of([Reading("kitchen", NOW + 1, 2.0)])


def test_malformed_text_has_a_reason_and_no_message(decoder: ExternalMessageDecoder) -> None:
    decoded = decoder.decode(b"hello", NOW)
    assert decoded.messages == []
    assert len(decoded.reasons) == 1
