"""Rules that turn MQTT messages into readings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import SettingError
from services.producer.mqtt_rules import extract_values, parse_topic_rules

SENSOR = json.dumps(
    {
        "Time": "2026-11-22T10:00:00",
        "ENERGY": {"Power": 42.5, "Voltage": 231, "Total": [1.5, 2.5]},
        "On": True,
        "Name": "lamp",
    }
)


def extract(rules: str, topic: str, payload: str) -> dict[str, float]:
    values = extract_values(parse_topic_rules(rules), topic, payload.encode())
    return {each.series: each.value for each in values}


@pytest.mark.parametrize(
    ("rule", "topic", "payload", "values"),
    [
        # A bare number.
        ("home/+/temp", "home/kitchen/temp", "21.5", {"home.kitchen.temp": 21.5}),
        ("home/+/t => {1}.warmth °C", "home/kitchen/t", " 21 ", {"kitchen.warmth": 21.0}),
        ("home/+/t => warmth", "home/kitchen/t", "21", {"warmth": 21.0}),
        ("#", "a/b", "1", {"a.b": 1.0}),
        ("# => x.{1}", "a/b", "1", {"x.a.b": 1.0}),
        ("+/+ => {2}/{1}", "a/b", "true", {"b/a": 1.0}),
        # A path.
        ("tele/+/SENSOR ENERGY.Power => {1}.w", "tele/lamp/SENSOR", SENSOR, {"lamp.w": 42.5}),
        ("tele/+ ENERGY.Power", "tele/lamp", SENSOR, {"tele.lamp.ENERGY.Power": 42.5}),
        ("tele/+/SENSOR ENERGY.Total.1 => {1}", "tele/lamp/SENSOR", SENSOR, {"lamp": 2.5}),
        ("tele/# ENERGY.Total => t", "tele/lamp/SENSOR", SENSOR, {"t.0": 1.5, "t.1": 2.5}),
        ("tele/# ENERGY.*.0 => t", "tele/lamp/SENSOR", SENSOR, {"t.Total.0": 1.5}),
        ("tele/# *.Power => {path}", "tele/lamp/SENSOR", SENSOR, {"ENERGY.Power": 42.5}),
        ("tele/# On => on", "tele/lamp/SENSOR", SENSOR, {"on": 1.0}),
        (
            "tele/# => lamp",
            "tele/lamp/SENSOR",
            SENSOR,
            {
                "lamp.ENERGY.Power": 42.5, "lamp.ENERGY.Voltage": 231.0, "lamp.ENERGY.Total.0": 1.5,
                "lamp.ENERGY.Total.1": 2.5, "lamp.On": 1.0,
            },
        ),
        # Messages that a rule ignores.
        ("tele/# Name => n", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/# Nothing.there", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/+", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/lamp", "tele.lamp", "1", {}),
        ("tele", "telephone", "1", {}),
        ("a/#", "a", "1", {"a": 1.0}),
        ("a/#", "ab", "1", {}),
    ],
)  # fmt: skip
def test_matching_message_gives_its_values(
    rule: str, topic: str, payload: str, values: dict[str, float]
) -> None:
    assert extract(rule, topic, payload) == values


def test_every_matching_rule_applies_with_its_unit() -> None:
    rules = parse_topic_rules(
        "tele/+/SENSOR ENERGY.Power => {1}.power W\ntele/# ENERGY.Voltage => v V"
    )
    values = extract_values(rules, "tele/lamp/SENSOR", SENSOR.encode())
    assert [(each.series, each.unit) for each in values] == [("lamp.power", "W"), ("v", "V")]


@pytest.mark.parametrize(
    "payload", ["online", "", "{", "null", '"21.5"', "NaN", "1e999", "9" * 500]
)
def test_payload_without_a_number_has_no_values(payload: str) -> None:
    assert extract("#", "a", payload) == {}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("a b c => d", "optionally a path"),
        ("a/#/b", "# the last level"),
        ("a+/b", "must be a whole level"),
        ("a/b# => c", "must be a whole level"),
        ("a/+ => {2}", "matches nothing in the topic"),
        ("a => {room}", "matches nothing in the topic"),
        ("a => b c d", "must follow =>"),
        ("", "has no rule"),
    ],
)
def test_invalid_rule_is_an_error_with_its_reason(rule: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        parse_topic_rules(rule)


def test_hostile_payload_gives_few_values() -> None:
    rules = parse_topic_rules("#")
    assert extract_values(rules, "a", b"[" * 100_000) == []
    assert extract_values(rules, "a", b"[" * 900 + b"1" + b"]" * 900) == []
    assert len(extract_values(rules, "a", b"[" + b"1," * 5_000 + b"1]")) == 1_000
    assert extract_values(rules, "a", b"1" * (2 << 20)) == []


@given(st.text(), st.binary())
def test_any_message_is_accepted_without_an_error(topic: str, payload: bytes) -> None:
    extract_values(parse_topic_rules("#\n+/+ a.*.b => {1}\na/#"), topic, payload)
