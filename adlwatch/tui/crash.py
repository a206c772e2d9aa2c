"""How the terminal breaks: back to the shell at once, with what broke kept for whoever writes the report.

Textual prints a traceback with the local variables of every frame, which is where keys, signatures and balances live. Its hook
for that is private; Textual is pinned, and tests/e2e/test_crash.py notices when an upgrade moves it.
"""

from rich.console import RenderableType
from textual.app import App
from textual.worker import WorkerFailed


class Panic(Exception):
    """Something of Textual's own broke outside of any handler, its input thread for one."""


class Breakable(App[None]):
    """An application whose `crash` is the first error that nobody caught; it has ended then, with return code 1."""

    crash: BaseException | None = None

    def panic(self, *renderables: RenderableType) -> None:
        """Textual's way of giving up; what it would have printed goes into the report."""
        words = "".join(segment.text for each in renderables for segment in self.console.render(each))
        panic = Panic(words.strip().rpartition("\n")[2])
        panic.__cause__ = Panic(words)
        self._handle_exception(panic)

    def _handle_exception(self, error: Exception) -> None:
        broken = error.error if isinstance(error, WorkerFailed) else error
        self.crash = self.crash or broken
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        super().panic()  # ends the application and prints nothing
