"""The documents say what is: commands and metrics exist, links lead somewhere, examples are valid."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from adlwatch import cli
from adlwatch.config.read import parse
from adlwatch.export.metrics import NAMES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]
CODE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
METRIC = re.compile(r"\badlwatch_\w+")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text(page))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        place, _, anchor = link.partition("#")
        if "://" in place:
            continue
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for _, block in CODE.findall(text(page)):
        for line in block.splitlines():
            words = shlex.split(line.split(" | ")[0], comments=True) if line.startswith("adlwatch ") else []
            if len(words) > 1 and not words[1].startswith("-"):
                assert words[1] in cli.COMMANDS, line
                assert_options(words[1:])


def assert_options(words: list[str]) -> None:
    command = cli.LazyGroup().get_command(None, words[0])  # type: ignore[arg-type]  # the group never looks at it
    while isinstance(command, click.Group) and len(words) > 1:
        words = words[1:]
        command = command.commands[words[0]]
    assert command is not None
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}, words


@pytest.mark.parametrize("name", ["prometheus-alerts.yml", "grafana-dashboard.json", "headless.md"])
def test_every_metric_named_exists(name: str) -> None:
    assert METRIC.findall(text(DOCS / name))
    assert set(METRIC.findall(text(DOCS / name))) <= set(NAMES)


def test_every_metric_is_documented_and_each_of_the_dashboards_panels_asks_for_one() -> None:
    assert set(NAMES) <= set(METRIC.findall(text(DOCS / "headless.md")))
    panels = json.loads(text(DOCS / "grafana-dashboard.json"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(METRIC.findall(target["expr"]) for panel in panels for target in panel["targets"])


@pytest.mark.parametrize("name", ["getting-started.md", "configuration.md", "alerts.md"])
def test_every_configuration_shown_is_valid(name: str) -> None:
    blocks = [block for language, block in CODE.findall(text(DOCS / name)) if language == "toml"]
    assert blocks
    for block in blocks:
        parse(block, DOCS / name)


def test_the_index_has_every_page() -> None:
    linked = set(re.findall(r"\]\((?:\.\./)?([\w.-]+\.md)", text(DOCS / "README.md")))
    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} <= linked


def test_the_unit_starts_what_exists_and_may_write_nothing_but_its_state() -> None:
    unit = text(DOCS / "adlwatch.service")
    (start,) = re.findall(r"^ExecStart=\S+/adlwatch (.+)$", unit, re.MULTILINE)
    assert_options(shlex.split(start))
    for line in (
        "Type=notify",
        "WatchdogSec=60",
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
    ):
        assert f"\n{line}\n" in unit
