"""Which transitions of alerts a channel is told, and in which words."""

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from adlwatch.domain.alert import Change, RuleName, Transition

OPENING = frozenset({Change.RAISED, Change.STEPPED_UP, Change.ESCALATED})
"""What tells of an alert for the first time; everything else goes to those who were told."""
_WORDS = {
    Change.RAISED: "ALERT",
    Change.STEPPED_UP: "WORSE",
    Change.STEPPED_DOWN: "better",
    Change.RESOLVED: "resolved",
    Change.ESCALATED: "NOT ACKNOWLEDGED",
    Change.REMINDED: "STILL OPEN",
    Change.ACKNOWLEDGED: "acknowledged",
    Change.SNOOZED: "snoozed",
}


class Tone(StrEnum):
    """How a message is to be shown, where a channel tells them apart."""

    BAD = "failure"
    GOOD = "success"
    NOTE = "info"


class Channel(Struct, frozen=True, kw_only=True):
    """Whom to tell what."""

    name: str
    rules: tuple[RuleName, ...] = ()
    """Empty: all."""
    least_level: int = 1
    """Alerts below this level are not told, until they step up to it."""
    escalations_only: bool = False
    """Told only when nobody has acknowledged in time: a pager."""

    def wants(self, transition: Transition, *, told: bool) -> bool:
        """Whether it is to be told. `told`: whether it was told of this occurrence of the alert before."""
        alert = transition.alert
        if transition.quiet or alert.subject == part(self.name):  # that it fails is for the other channels
            return False
        if transition.change not in OPENING:
            return told
        if self.rules and alert.rule not in self.rules:
            return False
        return alert.level >= self.least_level and (transition.page or told or not self.escalations_only)


class Message(Struct, frozen=True):
    """What one channel is sent at once. `key` is the same whenever the same transitions are sent again."""

    title: str
    body: str
    tone: Tone
    key: str


def part(name: str) -> str:
    """What a channel is called among the parts of our own that may fail."""
    return f"channel {name}"


def message(transitions: Sequence[Transition], label: str | None = None) -> Message:
    """One message for one or more transitions, in their order. `label`: MOCK or REPLAY, where what is told is not real."""
    first = transitions[0]
    if len(transitions) == 1:
        title = f"{_WORDS[first.change]}: {first.alert.rule}"
        body = _body(first)
    else:
        title = f"{len(transitions)} changes: {', '.join(dict.fromkeys(t.alert.rule.value for t in transitions))}"
        body = "\n\n".join(f"{_WORDS[t.change]}: {t.alert.rule}\n{_body(t)}" for t in transitions)
    mark = f"[{label}, not real] " if label is not None else ""
    key = hashlib.sha256("\n".join(t.id for t in transitions).encode()).hexdigest()[:32]
    return Message(f"{mark}adlwatch {title}", body, _tone(transitions), key)


def _body(transition: Transition) -> str:
    alert = transition.alert
    lines = [alert.text]
    if transition.change is Change.ACKNOWLEDGED:
        lines.append(f"by {alert.acknowledged_by}")
    elif transition.change is Change.SNOOZED and alert.snoozed_until is not None:
        lines.append(f"until {alert.snoozed_until:%Y-%m-%d %H:%M}Z")
    lines.append(f"{transition.at:%Y-%m-%d %H:%M:%S}Z, open since {alert.opened_at:%H:%M:%S}Z")
    lines.append(f"key: {alert.key}")
    return "\n".join(lines)


def _tone(transitions: Sequence[Transition]) -> Tone:
    changes = {transition.change for transition in transitions}
    if changes & (OPENING | {Change.REMINDED}):
        return Tone.BAD
    return Tone.GOOD if changes <= {Change.RESOLVED, Change.STEPPED_DOWN} else Tone.NOTE
