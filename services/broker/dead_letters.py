"""Dead letters: a bounded stream of texts that could not be stored."""

from collections.abc import Iterable
from typing import Any, Final

from services.broker.connection import Broker, translate_errors

MAX_DEAD_LETTERS: Final = 1_000
MAX_TEXT_BYTES: Final = 4_096
"""Bytes of a text that are kept."""


def add_dead_letters(broker: Broker, letters: Iterable[tuple[bytes, str]], source: str) -> None:
    """Keep texts, each with the reason why it could not be stored.

    Raises:
        BrokerUnavailableError: Redis can't be used.
        JournalFullError: Redis is out of memory.
    """
    with translate_errors(broker.client), broker.client.pipeline(transaction=False) as pipeline:
        for text, reason in letters:
            pipeline.xadd(
                broker.keys.rejected,
                {"m": text[:MAX_TEXT_BYTES], "reason": reason, "source": source},
                maxlen=MAX_DEAD_LETTERS,
            )
        pipeline.execute()


def count_dead_letters(broker: Broker, since: int) -> int:
    """Count the messages that were rejected since a time, up to 1,000.

    Args:
        broker: The Redis with the dead letters.
        since: Milliseconds since 1970.

    Raises:
        BrokerUnavailableError: Redis can't be used.
    """
    with translate_errors(broker.client):
        letters: Any = broker.client.xrange(
            broker.keys.rejected, min=str(since), count=MAX_DEAD_LETTERS
        )
    return len(letters)
