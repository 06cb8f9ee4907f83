"""Rules that make readings of MQTT messages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import SettingError
from services.producer.mqtt_rules import found, topic_rules

SENSOR = json.dumps(
    {
        "Time": "2026-11-22T10:00:00",
        "ENERGY": {"Power": 42.5, "Voltage": 231, "Total": [1.5, 2.5]},
        "On": True,
        "Name": "lamp",
    }
)


def taken(rules: str, topic: str, payload: str) -> dict[str, float]:
    return {each.series: each.value for each in found(topic_rules(rules), topic, payload.encode())}


@pytest.mark.parametrize(
    ("rule", "topic", "payload", "series"),
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
        # What a rule does not take.
        ("tele/# Name => n", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/# Nothing.there", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/+", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/lamp", "tele.lamp", "1", {}),
        ("tele", "telephone", "1", {}),
        ("a/#", "a", "1", {"a": 1.0}),
        ("a/#", "ab", "1", {}),
    ],
)  # fmt: skip
def test_a_rule_takes(rule: str, topic: str, payload: str, series: dict[str, float]) -> None:
    assert taken(rule, topic, payload) == series


def test_every_rule_that_fits_is_applied_with_its_unit() -> None:
    rules = topic_rules("tele/+/SENSOR ENERGY.Power => {1}.power W\ntele/# ENERGY.Voltage => v V")
    numbers = found(rules, "tele/lamp/SENSOR", SENSOR.encode())
    assert [(each.series, each.unit) for each in numbers] == [("lamp.power", "W"), ("v", "V")]


@pytest.mark.parametrize(
    "payload", ["online", "", "{", "null", '"21.5"', "NaN", "1e999", "9" * 500]
)
def test_what_is_no_number_is_left_out(payload: str) -> None:
    assert taken("#", "a", payload) == {}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("a b c => d", "a path or none"),
        ("a/#/b", "# for the last"),
        ("a+/b", "must stand for a level"),
        ("a/b# => c", "must stand for a level"),
        ("a/+ => {2}", "stands for nothing in its topic"),
        ("a => {room}", "stands for nothing in its topic"),
        ("a => b c d", "must follow =>"),
        ("", "has no rule"),
    ],
)
def test_what_is_no_rule_is_said(rule: str, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        topic_rules(rule)


def test_a_hostile_payload_costs_little() -> None:
    rules = topic_rules("#")
    assert found(rules, "a", b"[" * 100_000) == []
    assert found(rules, "a", b"[" * 900 + b"1" + b"]" * 900) == []
    assert len(found(rules, "a", b"[" + b"1," * 5_000 + b"1]")) == 1_000
    assert found(rules, "a", b"1" * (2 << 20)) == []


@given(st.text(), st.binary())
def test_no_message_is_an_error(topic: str, payload: bytes) -> None:
    found(topic_rules("#\n+/+ a.*.b => {1}\na/#"), topic, payload)
