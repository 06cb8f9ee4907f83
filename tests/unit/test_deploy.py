"""The files in `deploy/` for Prometheus and Grafana agree with the metrics that there are."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.metric_table import METRICS
from services.web.api.metrics import PROCESS_LABELS
from services.web.app import create_app
from tests.support.paths import ROOT

DEPLOY = ROOT / "deploy"
OF_PROMETHEUS = {"up"}
FUNCTIONS = {
    "by", "deriv", "histogram_quantile", "increase", "label_values", "max", "rate", "sum", "time",
    "and", "or", "unless", "on", "ignoring",
}  # fmt: skip
COUNTER_FUNCTIONS = ("rate", "increase")


def rules() -> list[dict[str, Any]]:
    text = (DEPLOY / "prometheus" / "stripchart.rules.yml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (DEPLOY / "grafana" / "stripchart.json").read_text(encoding="utf-8")
    )
    return document


def expressions() -> Iterator[str]:
    for rule in rules():
        yield rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for variable in dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["definition"]


each_expression = pytest.mark.parametrize("expression", sorted(set(expressions())))


def metric_of(name: str) -> str:
    """Return the name of the metric that a name in an expression belongs to."""
    base = re.sub(r"_(bucket|count|sum)$", "", name)
    return base if base in METRICS and METRICS[base].kind == "histogram" else name


@each_expression
def test_expression_names_only_metrics_and_labels_that_exist(expression: str) -> None:
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    words = set(re.findall(r"[a-z_]{2,}", bare))
    names = {word for word in words if word.startswith("stripchart_")} | (words & OF_PROMETHEUS)
    assert names
    labels = {"job", "le", *PROCESS_LABELS}
    for name in names - OF_PROMETHEUS:
        assert metric_of(name) in METRICS, name
        labels.update(METRICS[metric_of(name)].labels)
    assert words - names - FUNCTIONS - labels == set()


@each_expression
def test_expression_is_well_formed(expression: str) -> None:
    """Brackets match, operators have operands, and only counters are differentiated."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    stack = []
    pairs = {")": "(", "]": "[", "}": "{"}
    for character in bare:
        if character in "([{":
            stack.append(character)
        elif character in pairs:
            assert stack.pop() == pairs[character]
    assert stack == []
    assert not re.search(r"(^|[(,])\s*[*/<>=]|[-+*/<>=]\s*($|[),])", re.sub(r"\{[^}]*\}", "", bare))
    for function, name in re.findall(r"(\w+)\(\s*(stripchart_\w+)(?:\{[^}]*\})?\[", expression):
        is_counter = METRICS[metric_of(name)].kind in {"counter", "histogram"}
        assert is_counter == (function in COUNTER_FUNCTIONS), expression
    for name in re.findall(r"(stripchart_\w+)(?:\{[^}]*\})?(?!\[|\w|\{)", expression):
        assert METRICS[metric_of(name)].kind != "counter", f"{name} without rate or increase"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_alert_says_what_happened_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Stripchart[A-Za-z]+", rule["alert"])
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
    templates = re.findall(r"\{\{(.*?)\}\}", " ".join(rule["annotations"].values()))
    names = {word for text in templates for word in re.findall(r"\$labels\.(\w+)", text)}
    used = {
        word for name in re.findall(r"stripchart_\w+", rule["expr"]) for word in label_names(name)
    }
    assert names <= used
    aggregated = re.search(r"sum by \(([^)]*)\)", rule["expr"])
    if aggregated:
        assert names <= {name.strip() for name in aggregated[1].split(",")}


def label_names(name: str) -> set[str]:
    metric = METRICS[metric_of(name)]
    return {*metric.labels, *(PROCESS_LABELS if metric.is_of_process else ())}


def test_alerts_cover_the_ways_to_lose_readings() -> None:
    text = " ".join(rule["expr"] for rule in rules())
    needed = (
        "processes", "ready", "journal_lag_seconds", "readings_rejected_total", "gaps_total",
        "disk_low", "jobs_finished_total", "backup_timestamp_seconds", "journal_readings_total",
    )  # fmt: skip
    for name in needed:
        assert f"stripchart_{name}" in text


def test_prometheus_reads_our_address_with_a_token() -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    (scrape,) = document["scrape_configs"]
    assert document["rule_files"] == ["stripchart.rules.yml"]
    assert scrape["authorization"]["credentials_file"].endswith(".token")
    assert f'job="{scrape["job_name"]}"' in rules()[0]["expr"]
    addresses = create_app().url_map.bind("127.0.0.1")
    assert addresses.match(scrape["metrics_path"])[0] == "metrics.metrics"


def test_panels_have_titles_units_and_places_of_their_own() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    places: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & places
        assert max(x for x, _ in cells) < 24
        places |= cells
