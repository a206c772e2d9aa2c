"""The incident: opens itself when a leg was taken, and runs its totals until the hedge is in balance again."""

import re

from adlwatch.domain.incident import Incident
from adlwatch.tui.actions import bindings
from adlwatch.tui.alert_rows import of_subjects
from adlwatch.tui.frame import Frame
from adlwatch.tui.incident_text import foremost, incident_lines
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.spans import Role, text


class IncidentScreen(Reading):
    """Follows one incident through the snapshots; n and N go to the others."""

    SCOPES = ("page", "incident")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, incident: str) -> None:
        super().__init__(painter)
        self.incident = incident

    def show(self, frame: Frame) -> None:
        """The incident in this frame."""
        super().show(frame)
        incidents = self._incidents()
        found = next(((i, each) for i, each in enumerate(incidents, 1) if each.id == self.incident), None)
        if found is None:
            self.page.show((text("  This incident is no longer kept.", Role.DIM),))
            return
        place, incident = found
        self.page.show(incident_lines(incident, (place, len(incidents)), self.size.width, frame.zone, foremost(frame.live)))

    @property
    def busy(self) -> bool:
        """A ticket may just be copied: another incident is told of here, and waits to be asked for."""
        return True

    def turn_to(self, incident: str) -> None:
        """Another one."""
        self.incident = incident
        self.page.move_to(0)
        self.show(self.host.frame)

    def _incidents(self) -> tuple[Incident, ...]:
        live = self.host.frame.live
        return live.incidents if live is not None else ()

    def action_neighbour(self, step: int) -> None:
        """The next incident, or the one before."""
        ids = [incident.id for incident in self._incidents()]
        if self.incident in ids:
            self.turn_to(ids[(ids.index(self.incident) + step) % len(ids)])

    def _shown(self) -> Incident | None:
        return next((each for each in self._incidents() if each.id == self.incident), None)

    def action_acknowledge(self) -> None:
        """The alerts about it and the hedges it hit."""
        live, incident = self.host.frame.live, self._shown()
        if live is not None and incident is not None:
            self.host.acknowledge(of_subjects(live, {incident.id, *(hedge.name for hedge in incident.hedges)}))

    def action_export(self) -> None:
        """As files, for whoever has to read about it elsewhere."""
        incident, backend = self._shown(), self.host.backend
        if incident is not None and backend is not None and backend.report is not None:
            name = re.sub(r"[^\w.-]+", "-", incident.id)
            for suffix, content in backend.report(incident).items():
                self.host.write_file(f"adlwatch-incident-{name}.{suffix}", content)

    def action_copy_ticket(self, number: int) -> None:
        """One of the tickets as text."""
        incident = self._shown()
        if incident is not None and number <= len(incident.tickets):
            self.host.copy_text(incident.tickets[number - 1].text)
