"""docs/alerts.md gives the figures that the program uses."""

from pathlib import Path

from adlwatch.domain.alert import RuleName
from adlwatch.domain.alert_rules import NEVER_MUTED, AlertRules, Rule

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


def tables() -> list[list[list[str]]]:
    """The page's tables, without head and rule: rows of cells."""
    found: list[list[list[str]]] = []
    lines = PAGE.splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if not line.startswith("|"):
            continue
        if not before.startswith("|"):
            found.append([])
        found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return [rows[2:] for rows in found]


def figures(name: RuleName, rule: Rule) -> list[str]:
    quiet = "never" if name in NEVER_MUTED else "yes" if rule.quiet else "no"
    numbers = [rule.hold, rule.clear, rule.cool_down]
    late = ["" if each is None else f"{each:g}" for each in (rule.escalate, rule.remind)]
    return [f"`{name}`", *(f"{each:g}" for each in numbers), quiet, *late]


def test_both_tables_have_every_rule_and_the_second_its_defaults() -> None:
    rules, patience = tables()
    assert [row[0] for row in rules] == [f"`{name}`" for name in RuleName]
    assert patience == [figures(name, AlertRules().rules[name]) for name in RuleName]
