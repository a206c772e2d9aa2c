"""What the profiles and rules say about a venue, in words. Imports them on first use, which is after the first frame."""

from functools import cache

import msgspec

from adlwatch.tui.detail_score import RuleText, VenueText


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


def _facts(facts: msgspec.Struct) -> tuple[tuple[str, str, str], ...]:
    known = ((name, getattr(facts, name)) for name in facts.__struct_fields__)
    return tuple((name.replace("_", " "), _words(fact.value), fact.grade.value) for name, fact in known if fact is not None)


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
