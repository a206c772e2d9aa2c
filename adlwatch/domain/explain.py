"""Why a position scores what it scores: each rule's formula, terms, version, grade and sources, beside the lights."""

from msgspec import Struct

from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.light import Light
from adlwatch.domain.position_score import RuleId, Score
from adlwatch.domain.rules import RULES
from adlwatch.domain.snapshot import PositionView
from adlwatch.domain.venue import NoScore, VenueProfile


class ExplainedScore(Struct, frozen=True, kw_only=True):
    """A score and the rule behind it, as the venue's profile knows it."""

    score: Score
    title: str
    profit: str
    loss: str
    version: str
    grade: Grade
    sources: tuple[str, ...]
    note: str | None = None


class Explanation(Struct, frozen=True, kw_only=True):
    """One position explained. `scores` is empty where nothing ranks it, or nobody knows how; `silence` then says why."""

    key: str
    venue: str
    scores: tuple[ExplainedScore, ...]
    light: Light
    estimate: Light
    silence: str | None = None


def explain(view: PositionView, profile: VenueProfile | None) -> Explanation:
    """Everything behind one position's light."""
    facts = profile.facts if profile is not None else None
    known: list[tuple[Score, Fact[RuleId | NoScore] | Fact[RuleId] | None]] = [(view.score, facts.rule if facts else None)]
    known += [(score, facts.second_rule if facts else None) for score in view.other_scores]
    version = facts.rule_version.value if facts and facts.rule_version else None
    scores = tuple(
        _explained(score, fact, version if score is view.score else None)
        for score, fact in known
        if fact is not None and score.rule in RULES
    )
    return Explanation(
        key=view.key,
        venue=view.venue,
        scores=scores,
        light=view.light,
        estimate=view.estimate,
        silence=None if scores else _silence(view, profile),
    )


def _explained(score: Score, fact: "Fact[RuleId | NoScore] | Fact[RuleId]", version: str | None) -> ExplainedScore:
    rule = RULES[score.rule]
    return ExplainedScore(
        score=score,
        title=rule.title,
        profit=rule.profit,
        loss=rule.loss,
        version=version or rule.version,
        grade=fact.grade,
        sources=fact.sources,
        note=fact.note,
    )


def _silence(view: PositionView, profile: VenueProfile | None) -> str:
    if profile is None:
        return f"no profile for venue {view.venue}"
    if profile.no_score_state is not None:
        return f"{profile.title} ranks nobody: {profile.no_score_state}. {profile.facts.rule.note or ''}".strip()
    return f"{profile.title} has not published how it ranks. {profile.facts.rule.note or ''}".strip()
