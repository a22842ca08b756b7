"""A worker: takes one task after another from the roster and says what came of each.

It loads an engine once and keeps it for all recordings that ask for the same, and the voice nets for all of them.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from dataclasses import replace

from archive.errors import IndexUnready, MachineError, ModelError, OnrecordError
from archive.models import Finding
from archive.store import Archive
from archive.tombstones import error_of
from ingest.heartbeat import Heartbeat, LeaseLost
from ingest.outcomes import finding_of, is_full, result_of, unexpected
from ingest.progress import Outcome, Result
from ingest.recipe import Recipe
from ingest.roster import Asked
from ingest.steps import Means, Steps, windows_folder
from ingest.tasks import INTERRUPTED, Task
from ingest.transcribers import open_transcriber
from ingest.transcribers.base import Transcriber
from ingest.voices.embeddings import VoiceNets
from ingest.voices.weights import open_nets


class Worker:
    """Works on an archive for a roster. `threads` are the engine's and the voice nets'; 0 lets them choose."""

    def __init__(self, archive: Archive, roster: Asked, *, threads: int = 0) -> None:
        self._archive, self._roster, self._threads = archive, roster, threads
        self._engine: tuple[str, Transcriber] | None = None
        self._nets: VoiceNets | None = None

    def run(self) -> None:
        """Work until the roster has no task to give."""
        while task := self._roster.next():
            self._roster.tell(self.work(task))

    def work(self, task: Task) -> Result:
        """One task, under its lease, and what came of it."""
        started = time.monotonic()
        try:
            with Heartbeat(self._roster, task) as heartbeat:
                means = Means(engine=lambda: self._opened(task), nets=self._opened_nets)
                result = Steps(self._archive, self._roster, task, heartbeat, means).run()
            wall = time.monotonic() - started
            self._roster.finish(task, result.seconds, wall)
        except LeaseLost:
            return self._let_go(task)
        except (OSError, sqlite3.Error, OnrecordError) as error:
            return self._stopped(task, error)
        except Exception as error:
            finding = unexpected(error, result_of(task, self._archive, Outcome.FAILED).path)
            return self._failed(task, finding.what, finding)
        except BaseException:
            self._roster.release(task, INTERRUPTED)
            raise
        shutil.rmtree(windows_folder(self._archive, task.recording), ignore_errors=True)
        return replace(result, wall=wall)

    def _opened(self, task: Task) -> Transcriber:
        if self._engine is None or self._engine[0] != task.recipe:
            self._engine = None  # two at once may be more than the memory holds
            recipe = Recipe.parse(task.recipe)
            opened = open_transcriber(recipe.engine, recipe.model, threads=self._threads, on_fetch=self._roster.tell)
            self._engine = (task.recipe, opened)
        return self._engine[1]

    def _opened_nets(self) -> VoiceNets:
        if self._nets is None:
            self._nets = open_nets(self._threads)
        return self._nets

    def _stopped(self, task: Task, error: OSError | sqlite3.Error | OnrecordError) -> Result:
        """Whose fault it was: the machine's (uncharged, and without its engine nothing goes on) or the recording's."""
        if self._archive.withdrawal(task.recording):  # with which the files go that it was reading and writing
            return self._let_go(task)
        if is_full(error):
            self._roster.release(task, "no space", waiting=True)
            return result_of(task, self._archive, Outcome.WAITING, reason="no space")
        if isinstance(error, IndexUnready):
            self._roster.release(task, str(error), waiting=True)
            return result_of(task, self._archive, Outcome.WAITING, reason=f"kept, not yet indexed: {error}")
        if isinstance(error, MachineError | sqlite3.Error):
            self._roster.release(task, str(error))
            raise _with_a_way_out(error) if isinstance(error, ModelError) else error
        path = result_of(task, self._archive, Outcome.FAILED).path
        return self._failed(task, str(error), finding_of(error, path))

    def _let_go(self, task: Task) -> Result:
        """Somebody else is at it by now, or it was taken out of the archive, and what was heard of it goes too."""
        withdrawal = self._archive.withdrawal(task.recording)
        if withdrawal is None:
            return result_of(task, self._archive, Outcome.BUSY, "its lease was lost, so it is another's now")
        shutil.rmtree(windows_folder(self._archive, task.recording), ignore_errors=True)
        result = result_of(task, self._archive, Outcome.FAILED, error_of(withdrawal).what)
        return replace(result, findings=(finding_of(error_of(withdrawal), result.path),))

    def _failed(self, task: Task, reason: str, finding: Finding) -> Result:
        aside = self._roster.fail(task, reason)
        outcome = Outcome.SET_ASIDE if aside else Outcome.FAILED
        return replace(result_of(task, self._archive, outcome, reason=reason), findings=(finding,))


def _with_a_way_out(error: ModelError) -> ModelError:
    """A model may be gone for good, and what waits for it need not wait for ever."""
    mend = f"{error.mend}; or give up what waits for it, as onrecord status says"
    return ModelError(error.what, where=error.where, mend=mend.removeprefix("; "))
