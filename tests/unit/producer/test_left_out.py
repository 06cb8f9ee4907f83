"""Counts of the inputs that gave no reading."""

import pytest

from services.producer.left_out import LeftOutInputs


class TestLeftOutInputs:
    def test_first_input_of_a_rule_is_logged_and_others_once_a_day(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        now = [1_000.0]
        left_out = LeftOutInputs("mqtt", lambda: now[0])
        for example in ("one", "two", "three"):
            left_out.add("a", example)
        left_out.add("b", "other")
        now[0] += 86_400
        left_out.add("a", "four")
        left_out.add("a", "five")
        left_out.flush()
        left_out.flush()
        assert caplog.messages == [
            "source mqtt: rule 'a' found no number: one (logged once; more of them are counted)",
            "source mqtt: rule 'b' found no number: other (logged once; more of them are counted)",
            "source mqtt: rule 'a' found no number in 3 more messages, in the last: four",
            "source mqtt: rule 'a' found no number in 1 more messages, in the last: five",
        ]
