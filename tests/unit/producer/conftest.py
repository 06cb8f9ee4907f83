"""Fixtures for tests of sources."""

from collections.abc import Iterator

import pytest

from services.settings import Settings
from tests.support.source_contexts import SourceRunner


@pytest.fixture
def runner(settings: Settings) -> Iterator[SourceRunner]:
    """A runner whose sources end with the test."""
    made = SourceRunner(settings)
    yield made
    made.end()
