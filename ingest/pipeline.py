"""How recordings go through: registered, put into the ledger, and worked on by one worker or many.

Every stage looks in the archive whether it was done, so a run that was killed goes on where it was, and the
ledger says who is at what. The search index is the caller's: it is told of each recording that is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.errors import UsageError
from archive.store import Archive
from ingest.admission import Admission, Admitted
from ingest.ledger import Ledger
from ingest.names import shown
from ingest.outcomes import left_by
from ingest.progress import Event, Outcome, Planned, Queued, Report, Result
from ingest.recipe import Recipe
from ingest.register import Item, plan
from ingest.roster import Roster, Shift
from ingest.sheet import read_sheet
from ingest.sizes import cannot_translate
from ingest.tasks import Key, State, Task
from ingest.worker import Worker

Crew = Callable[[Archive, Roster, int], None]  # works off a roster's shift; the number is of threads, 0 for all


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """What a caller may choose. `languages` are spoken where the sheet names none; `how` is the store's
    "copy" or "link"; `retry` takes up what was set aside; `threads` 0 lets the engine choose. With `translate`
    what is not in English is translated too."""

    engine: str = "auto"
    model: str = "base"
    languages: tuple[str, ...] = ()
    threads: int = 0
    how: str = "copy"
    retry: bool = False
    translate: bool = False


def alone(archive: Archive, roster: Roster, threads: int) -> None:
    """The crew of one: this process."""
    Worker(archive, roster, threads=threads).run()


def nobody(_archive: Archive, _roster: Roster, _threads: int) -> None:
    """No crew: what is registered stays in the ledger for workers elsewhere."""


def everything(_item: Item) -> bool:
    """All that was found is taken."""
    return True


def ingest(
    archive: Archive,
    paths: Sequence[Path],
    sheet: Path | None,
    settings: IngestSettings,
    *,
    index: Callable[[str], None],
    on_event: Callable[[Event], None],
    crew: Crew = alone,
    ready: Callable[[Item], bool] = everything,
) -> Report:
    """Take files and folders in. `index` is called with each recording's id once its words are kept.

    Of what is found only that is taken which is `ready`. `on_event` may be called from other threads.
    """
    started = time.monotonic()
    # first of all, or what is registered now waits in the ledger for a model that is none
    recipe = str(Recipe.of(settings.engine, settings.model))
    if settings.translate and (why := cannot_translate(settings.model)):
        raise UsageError(why, mend="translate with base, small, medium, large-v2 or large-v3")
    planned = plan(paths, read_sheet(sheet) if sheet else None)
    items = [item for item in planned.items if ready(item)]
    on_event(Planned(len(items), planned.findings))
    with Ledger(archive.work) as ledger:
        ledger.hold(planned.held, [item.path for item in items])
    taken = _admit(archive, items, recipe, settings, on_event, [item.path for item in planned.items])
    first: dict[str, Admitted] = {}
    admitted = [each for each in taken if isinstance(each, Admitted)]
    for one in admitted:
        first.setdefault(one.entry.recording, one)
    on_event(Queued(len(first), sum(each.entry.duration for each in first.values())))
    # a later file may be a layer of a recording that was done before
    unfinished = {one.task.key for one in admitted if one.task.state is not State.DONE}
    worked = work(archive, unfinished, settings.threads, index=index, on_event=on_event, crew=crew)
    came = {result.recording: result for result in worked}
    with Ledger(archive.work) as ledger:
        tasks = {task.recording: task for task in ledger.tasks() if task.recipe == recipe}
    results = []
    for each in taken:
        result = each if isinstance(each, Result) else _result(each, first, came, tasks, archive)
        if result.recording not in came or result.outcome is Outcome.UNCHANGED:
            on_event(result)
        results.append(result)
    beside = [finding for one in admitted for finding in one.entry.findings]
    return Report(tuple(results), (*planned.findings, *beside), time.monotonic() - started)


def work(
    archive: Archive,
    only: Collection[Key] | None,
    threads: int,
    *,
    index: Callable[[str], None],
    on_event: Callable[[Event], None],
    crew: Crew = alone,
) -> list[Result]:
    """Let a crew work on tasks of the ledger (all of them, if `only` is None); what came of each that it took up."""
    came: list[Result] = []

    def hear(event: Event) -> None:
        if isinstance(event, Result):
            came.append(event)
        on_event(event)

    if only is None or only:
        crew(archive, Roster(archive, index, hear, Shift(only)), threads)
    return came


def _admit(
    archive: Archive,
    items: Sequence[Item],
    recipe: str,
    settings: IngestSettings,
    tell: Callable[[Event], None],
    found: Sequence[Path],
) -> list[Admitted | Result]:
    taken: list[Admitted | Result] = []
    with Ledger(archive.work) as ledger:
        admission = Admission(
            archive,
            ledger,
            recipe,
            languages=settings.languages,
            how=settings.how,
            retry=settings.retry,
            translate=settings.translate,
            files=found,
        )
        for item in items:
            taken.append(admission.take(item))
            if isinstance(taken[-1], Admitted):
                tell(taken[-1].entry)
    return taken


def _result(
    admitted: Admitted,
    first: dict[str, Admitted],
    came: dict[str, Result],
    tasks: dict[str, Task],
    archive: Archive,
) -> Result:
    """What came of a registered file."""
    entry = admitted.entry
    kept = Result(entry.path, Outcome.UNCHANGED, entry.recording, entry.title)
    if entry.state == "alias":
        name = archive.recording(entry.recording).media.name
        first_file = tasks[entry.recording].source if name == shown(entry.path.name) else name
        kept = replace(kept, reason=f"the same bytes as {first_file}, kept once and described by its row")
    if first[entry.recording] is not admitted and not entry.layer:
        return kept
    result = came.get(entry.recording) or left_by(tasks[entry.recording], archive)
    if result.outcome in (Outcome.DONE, Outcome.UNCHANGED) and entry.state == "alias" and not result.seconds:
        return kept
    if first[entry.recording] is not admitted:  # its words and seconds are counted with the recording's
        return replace(result, path=entry.path, words=0, seconds=0.0, wall=0.0, findings=())
    return replace(result, path=entry.path)
