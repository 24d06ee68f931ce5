"""The rules in use, and their next edit: taken as soon as it is right, told with every mistake while it is not."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import structlog

from bot.containment import Failed, containing_faults
from bot.core.brain import Brain
from bot.core.rulebook import Rulebook
from bot.metrics import Metrics
from bot.rulefiles import RuleError, default_folder, load

_log = structlog.get_logger(__name__)

LOOK = 2.0
"""Seconds between two looks at the files."""

Take = Callable[[Rulebook, Brain], None]
Pause = Callable[[asyncio.Event, float], Awaitable[None]]
"""Waits until the event, for so many seconds at most."""
Stamps = dict[str, tuple[int, int, int]]


class RuleWatch:
    """One folder of rules. Loading takes a thread, so that nobody waits for it."""

    def __init__(self, folder: Path | None, metrics: Metrics, look: float = LOOK, pause: Pause | None = None) -> None:
        """Load the rules of the folder (None: the ones that ship); raises RuleError."""
        self._folder = folder or default_folder()
        self._edited = folder is not None or self._folder.name != "_rules"  # nobody edits what pip installed
        self._metrics = metrics
        self._look = look
        self._pause = pause or _asked_within
        self._seen = _stamps(self._folder)
        self._asked = asyncio.Event()
        self.rules, self.brain = _loaded(self._folder)
        self.mistakes: tuple[str, ...] = ()
        """What is wrong with the last edit, as `path:line:column: what`; the rules in use are then older ones."""
        metrics.rules(self.rules.version)

    def ask(self) -> None:
        """Look at the files now, whether they seem changed or not."""
        self._asked.set()

    async def run(self, take: Take) -> None:
        """Until cancelled: give each new version of the rules to `take`, in the event loop."""
        before = self._seen
        while True:
            await self._pause(self._asked, self._look)
            asked = self._asked.is_set()
            self._asked.clear()
            if not (asked or self._edited):
                continue
            stamps = await asyncio.to_thread(_stamps, self._folder)
            still, before = stamps == before, stamps  # who writes many files is waited for
            if asked or (still and stamps != self._seen):
                self._seen = stamps
                await self._reload(take)

    async def _reload(self, take: Take) -> None:
        try:
            with containing_faults(RuleError):
                rules, brain = await asyncio.to_thread(_loaded, self._folder)
        except RuleError as error:
            self._keep(tuple(map(str, error.mistakes)))
            return
        except Failed as failure:
            self._keep((f"these rules make Spellout fail ({failure}): please report it",))
            return
        before, self.rules, self.brain, self.mistakes = self.rules.version, rules, brain, ()
        self._metrics.reloaded(0)
        self._metrics.rules(rules.version)
        take(rules, brain)
        _log.info("rules_reloaded", version=rules.version, before=before)

    def _keep(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        self._metrics.reloaded(len(mistakes))
        for mistake in mistakes:
            _log.error("rules_mistake", where=mistake)
        _log.error("rules_kept", version=self.rules.version, mistakes=len(mistakes))


async def _asked_within(asked: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asked.wait()


def _loaded(folder: Path) -> tuple[Rulebook, Brain]:
    rules = load(folder)
    return rules, Brain(rules)


def _stamps(folder: Path) -> Stamps:
    """By what an edit shows: each file's time, size and number. What cannot be read is not there."""
    stamps: Stamps = {}
    with suppress(OSError):
        for path in (*folder.glob("*.y*ml"), *folder.glob("*/*.y*ml")):
            with suppress(OSError):
                stat = path.stat()
                stamps[str(path)] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return stamps
