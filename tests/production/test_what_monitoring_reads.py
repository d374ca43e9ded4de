"""The example alerts and the dashboard ask for figures that /metrics really has."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from deliveries.health.metrics import exposition

PRODUCTION = Path(__file__).resolve().parents[2] / "docs" / "production"

pytestmark = pytest.mark.django_db


def rules():
    (group,) = yaml.safe_load((PRODUCTION / "prometheus/alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def panels():
    return json.loads((PRODUCTION / "grafana/dashboard.json").read_text(encoding="utf-8"))["panels"]


def asked():
    expressions = [rule["expr"] for rule in rules()]
    expressions += [target["expr"] for panel in panels() for target in panel["targets"]]
    return expressions


def samples():
    families = text_string_to_metric_families(exposition().decode())
    return [sample for family in families for sample in family.samples]


def test_each_figure_is_one_of_the_product():
    named = {name for expression in asked() for name in re.findall(r"\bxmld_\w+", expression)}
    typed = set(re.findall(r"# TYPE (\w+) gauge", exposition().decode()))
    # By domain there are only rows while something is put off, by space where there are spaces.
    rowless = named - {sample.name for sample in samples()}
    assert rowless == {"xmld_deferred", "xmld_space_poll_age_seconds"} <= typed


def test_each_figure_of_the_product_is_in_the_reference_and_on_the_dashboard_or_among_the_alerts():
    families = {family.name for family in text_string_to_metric_families(exposition().decode())}
    text = (PRODUCTION.parent / "reference.md").read_text(encoding="utf-8")
    asked_for = " ".join(asked())
    assert {name for name in families if f"`{name}" not in text} == set()
    assert {name for name in families if name not in asked_for} == set()


def test_each_label_that_is_asked_for_has_that_value():
    had = {(sample.name, key, value) for sample in samples() for key, value in sample.labels.items()}
    for expression in asked():
        for name, key, values in re.findall(r'\b(xmld_\w+)\{(\w+)=~?"([^"]+)"\}', expression):
            assert {(name, key, value) for value in values.split("|")} <= had


def test_each_alert_says_what_to_do():
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["do"]
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_the_panels_stand_side_by_side():
    places = [tuple(panel["gridPos"][key] for key in "xywh") for panel in panels()]
    assert len({panel["id"] for panel in panels()}) == len(places)
    assert all(x + w <= 24 for x, _y, w, _h in places)
    cells = [(x + i, y + j) for x, y, w, h in places for i in range(w) for j in range(h)]
    assert len(cells) == len(set(cells))
