"""What deploy/prometheus says; that it is YAML as Prometheus reads it is promtool's to check."""

import re
from pathlib import Path
from typing import NamedTuple

RULES = Path("deploy/prometheus/rules")
RULE_TESTS = Path("deploy/prometheus/tests")
_RULE = re.compile(r"^      - (?P<kind>alert|record): (?P<name>\S+)$", re.MULTILINE)
_FIELD = r"^ +{}: \"?(?P<value>.+?)\"?$"
_METRIC = re.compile(r"\bchasqui_[a-z0-9_]+")
_PARTS = re.compile(r"_(bucket|count|sum)$")


class Alert(NamedTuple):
    """One alert of a rules file."""

    name: str
    text: str
    """As the file has it, from its name on."""

    def says(self, field: str) -> str:
        """The value of a field of one line."""
        found = re.search(_FIELD.format(field), self.text, re.MULTILINE)
        assert found, (self.name, field)
        return found["value"]


def rules_text() -> str:
    """All rules files, one after the other, without their comments."""
    texts = (path.read_text("utf-8") for path in sorted(RULES.glob("*.yml")))
    lines = (line for text in texts for line in text.splitlines())
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def alerts() -> list[Alert]:
    """All alerts, in the order of the files."""
    text = rules_text()
    starts = list(_RULE.finditer(text))
    ends = [each.start() for each in starts[1:]] + [len(text)]
    return [
        Alert(start["name"], text[start.start() : end])
        for start, end in zip(starts, ends, strict=True)
        if start["kind"] == "alert"
    ]


def metrics_of(text: str) -> set[str]:
    """The metrics of Chasqui that are named there, a histogram by its own name."""
    return {_PARTS.sub("", name) for name in _METRIC.findall(text)}
