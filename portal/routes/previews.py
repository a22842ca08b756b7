"""What a link shows before its page runs: the recording with the words at its time, or the query."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool

from archive.errors import OnrecordError, Withdrawn
from archive.models import Recording, Segment
from portal import phrases, state
from portal.address import Address
from portal.links import media_url, parse_range, recording_url, search_url
from portal.routes.shell import SLOGAN, Preview

_LONGEST_QUERY = 200  # characters; beyond that a query is cut in the title, not in the search
_LINK_S = 20.0  # of speech quoted under a link that has a start but no end


async def preview(parameters: Mapping[str, str]) -> tuple[Preview, str]:
    """What to show for the page's parameters, and the page's canonical address."""
    recording = parameters.get("recording", "")
    if recording:
        return await run_in_threadpool(_of_recording, recording, parameters.get("t", ""))
    query = " ".join(parameters.get("q", "").split())[:_LONGEST_QUERY]
    if query and parameters.get("view") == "explore":
        said = f"How often {phrases.quoted(query, _LONGEST_QUERY)} was said, by year and speaker. {SLOGAN}"
        return Preview(title=query, description=said), Address(view="explore", q=query).href
    if query:
        said = f"Where {phrases.quoted(query, _LONGEST_QUERY)} was said. {SLOGAN}"
        return Preview(title=query, description=said), search_url(query)
    return Preview(), "/"


def _of_recording(identifier: str, times: str) -> tuple[Preview, str]:
    try:
        recording = state.public_recording(identifier)
        start, end = parse_range(times, recording.duration)
        said = _said(recording, start, end if end is not None else start + _LINK_S) if times else ""
        names = ", ".join(state.speaker_names(recording.speakers).values())
    except Withdrawn as error:
        return Preview(title=phrases.WITHDRAWN, description=phrases.withdrawn(error), status=410), "/"
    except OnrecordError:
        # A page tells in its own words what is wrong; that it is unknown, secret or damaged must not differ here.
        return Preview(), "/"
    when_where = ", ".join(filter(None, (names, phrases.date(recording.date), recording.place)))
    about = f"{recording.title} ({when_where})" if when_where else recording.title
    video = bool(recording.media.video_codec)
    shown = Preview(
        title=recording.title,
        description=f"{phrases.quotation(said)} {about}" if said else f"{about}. {SLOGAN}",
        kind="video.other" if video else "article",
        media=media_url(recording.id),
        mime=recording.media.mime if recording.media.playable else recording.media.access_mime,
    )
    return shown, recording_url(recording.id, start, end) if times else recording_url(recording.id)


def _said(recording: Recording, start: float, end: float) -> str:
    archive = state.archive()
    if not archive.versions(recording.id):
        return ""
    segments = archive.transcript(recording.id).segments
    return " ".join(filter(None, (_between(segment, start, end) for segment in segments)))


def _between(segment: Segment, start: float, end: float) -> str:
    if segment.end < start or segment.start > end:
        return ""
    return " ".join(word.text for word in segment.words if word.end > start and word.start < end)
