"""Venue lights that could not be read are logged, once each until they change: an unknown scale must not go unnoticed."""

import logging
from collections.abc import Iterable, Mapping

from adlwatch.domain.light_scale import read
from adlwatch.domain.model import Position
from adlwatch.domain.reading import SourceState
from adlwatch.domain.venue import VenueProfile

logger = logging.getLogger(__name__)


class UnreadLights:
    """Remembers what was last said of each position's light."""

    def __init__(self, profiles: Mapping[str, VenueProfile]) -> None:
        self._profiles = profiles
        self._said: dict[str, str | None] = {}

    def heard(self, sources: Iterable[SourceState]) -> None:
        """Log every light that is not on its venue's scale, unless it was logged before."""
        for source in sources:
            for position in source.reading.positions if source.reading is not None else ():
                problem = self._problem(position)
                if problem is not None and self._said.get(position.key) != problem:
                    logger.warning("%s: %s at %s: unreadable light: %s", source.id, position.key, position.venue, problem)
                self._said[position.key] = problem

    def _problem(self, position: Position) -> str | None:
        """Why the light that a venue sent cannot be read; None where it can, or none was sent."""
        profile, sent = self._profiles.get(position.venue), position.venue_light
        if profile is None or profile.no_score_state is not None or sent is None or sent.raw is None:
            return None
        return read(profile.light, sent.raw).note
