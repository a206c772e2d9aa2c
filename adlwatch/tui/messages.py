"""What is said inside the program, each with everything its handler needs."""

from textual.message import Message

from adlwatch.domain.snapshot import Snapshot


class SnapshotArrived(Message):
    """The engine assessed again. Of a burst only the newest matters."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """A newer snapshot stands for the older."""
        return isinstance(message, SnapshotArrived)


class Failed(Message):
    """Something behind the screen broke; the reason goes on the top line and into the log."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason
