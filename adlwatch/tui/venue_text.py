"""What the profiles and rules say about a venue, in words. Imports them on first use, which is after the first frame."""

from functools import cache

from adlwatch.domain.venue import facts_of
from adlwatch.domain.venue_summary import VenueSummary, summary, words
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
    told = (
        FactText(name.replace("_", " "), words(fact), fact.grade.value, fact.sources) for name, fact in facts_of(profile).items()
    )
    return VenueText(profile.title, rules, tuple(told))


@cache
def venue_summary(venue: str) -> VenueSummary | None:
    """The venue in one line; None where nobody wrote a profile."""
    from adlwatch.venues import profiles  # noqa: PLC0415  # reads files

    profile = profiles().get(venue)
    return summary(profile) if profile is not None else None
