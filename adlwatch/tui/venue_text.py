"""What the profiles and rules say about a venue, in words. Imports them on first use, which is after the first frame."""

from functools import cache

import msgspec

from adlwatch.domain.venue_summary import VenueSummary, summary
from adlwatch.tui.detail_score import FactText, RuleText, VenueText


@cache
def venue_text(venue: str) -> VenueText:
    """The venue's rules and facts; only its id where nobody wrote a profile."""
    from adlwatch.domain.rules import RULES  # noqa: PLC0415  # imports numpy
    from adlwatch.venues import profiles  # noqa: PLC0415  # reads files

    profile = profiles().get(venue)
    rules = {id_: RuleText(rule.title, rule.profit, rule.loss, rule.version) for id_, rule in RULES.items()}
    if profile is None:
        return VenueText(venue, rules)
    for fact in (profile.facts.rule, profile.facts.second_rule):
        if fact is not None and fact.value in rules:
            rule = rules[str(fact.value)]
            rules[str(fact.value)] = RuleText(rule.title, rule.profit, rule.loss, rule.version, fact.grade.value, fact.sources)
    return VenueText(profile.title, rules, _facts(profile.facts))


@cache
def venue_summary(venue: str) -> VenueSummary | None:
    """The venue in one line; None where nobody wrote a profile."""
    from adlwatch.venues import profiles  # noqa: PLC0415  # reads files

    profile = profiles().get(venue)
    return summary(profile) if profile is not None else None


def _facts(facts: msgspec.Struct) -> tuple[FactText, ...]:
    known = ((name, getattr(facts, name)) for name in facts.__struct_fields__)
    return tuple(
        FactText(name.replace("_", " "), _words(fact.value), fact.grade.value, fact.sources)
        for name, fact in known
        if fact is not None
    )


def _words(value: object) -> str:
    if value is None:
        return "not published"
    if isinstance(value, tuple):
        return ", ".join(str(v) for v in value)
    return (
        ", ".join(f"{k} {v}" for k, v in msgspec.structs.asdict(value).items())
        if isinstance(value, msgspec.Struct)
        else str(value)
    )
