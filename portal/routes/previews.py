"""What a link shows before its page runs: the recording with the words at its time, or the query."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool

from archive.attribution import attributed
from archive.errors import OnrecordError, Withdrawn
from archive.models import LayerKind, Recording, Transcript
from portal import phrases, state
from portal.address import Address
from portal.clip import quote_of
from portal.links import media_url, parse_range, recording_url, search_url
from portal.routes.shell import SLOGAN, Preview

_LONGEST_QUERY = 200  # characters; beyond that a query is cut in the title, not in the search
_LINK_S = 20.0  # of speech quoted under a link that has a start but no end


async def preview(parameters: Mapping[str, str]) -> tuple[Preview, str]:
    """What to show for the page's parameters, and the page's canonical address."""
    recording = parameters.get("recording", "")
    if recording:
        version = Address.of({"version": [parameters.get("version", "")]}).version
        return await run_in_threadpool(_of_recording, recording, parameters.get("t", ""), version)
    query = " ".join(parameters.get("q", "").split())[:_LONGEST_QUERY]
    if query and parameters.get("view") == "explore":
        said = f"How often {phrases.quoted(query, _LONGEST_QUERY)} was said, by year and speaker. {SLOGAN}"
        return Preview(title=query, description=said), Address(view="explore", q=query).href
    if query:
        said = f"Where {phrases.quoted(query, _LONGEST_QUERY)} was said. {SLOGAN}"
        return Preview(title=query, description=said), search_url(query)
    return Preview(), "/"


def _of_recording(identifier: str, times: str, version: int) -> tuple[Preview, str]:
    try:
        recording = state.public_recording(identifier)
        versions = state.archive().versions(recording.id)
        named = version if version in versions else None
        start, end = parse_range(times, recording.duration)
        said = ""
        if times and versions:
            transcript = attributed(recording, state.archive().transcript(recording.id, named))
            said = _said(recording, transcript, start, end if end is not None else start + _LINK_S)
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
        description=f"{said} {about}" if said else f"{about}. {SLOGAN}",
        kind="video.other" if video else "article",
        media=media_url(recording.id),
        mime=recording.media.mime if recording.media.playable else recording.media.access_mime,
    )
    canonical = recording_url(recording.id, start, end, named) if times else recording_url(recording.id, version=named)
    return shown, canonical


def _said(recording: Recording, transcript: Transcript, start: float, end: float) -> str:
    """The words in quotation marks, with whose they are where not the hall's, and that they are doubted."""
    quote = quote_of(state.archive(), recording, transcript, start, end, names={}, server="")
    if not quote.text:
        return ""
    layer = recording.layer(transcript.layer)
    kind = LayerKind.TRANSLATION if transcript.translated else layer.kind if layer else LayerKind.FLOOR
    whose = f"{phrases.whose(kind).capitalize()}: " if phrases.whose(kind) else ""
    doubt = "" if quote.sure else " (heard with low certainty)"
    return f"{whose}{phrases.quotation(quote.text)}{doubt}"
