"""The command palette: every action of the one table that works on the screen in front."""

from collections.abc import Awaitable, Callable, Iterator
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from adlwatch.tui import actions
from adlwatch.tui.screens.view import Host, View


class ActionProvider(Provider):
    """Actions by label and help; running one runs its key's action."""

    def _offered(self) -> Iterator[actions.Action]:
        screen = self.screen
        scopes = screen.SCOPES if isinstance(screen, View) else ()
        seen: set[str] = set()
        for action in actions.of("app", *scopes):
            if action.do not in seen and action.do != "command_palette" and self._works(action):
                seen.add(action.do)
                yield action

    def _text(self, value: str) -> str:
        return cast("Host", self.app).painter.text(value)

    def _works(self, action: actions.Action) -> bool:
        return self.app.check_action(*action.call) is not False

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for action in self._offered():
            yield DiscoveryHit(
                self._text(f"{action.label}  ({action.shown_keys})"), self._run(action), help=self._text(action.help)
            )

    async def search(self, query: str) -> Hits:
        """What matches the query."""
        matcher = self.matcher(query)
        for action in self._offered():
            score = max(matcher.match(action.label), matcher.match(action.help))
            if score > 0:
                yield Hit(score, matcher.highlight(self._text(action.label)), self._run(action), help=self._text(action.help))

    def _run(self, action: actions.Action) -> Callable[[], Awaitable[None]]:
        target = self.app if action.scope == "app" else self.screen

        async def run() -> None:
            await target.run_action(action.do)

        return run
