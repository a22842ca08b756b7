"""One recording: its player, its transcript, and what is known about both."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec
import streamlit as st

from archive.attribution import attributed
from archive.captions import NOT_SAID
from archive.errors import NotFound, OnrecordError, Withdrawn
from archive.models import (
    FLOOR,
    TRANSLATION,
    UNKNOWN,
    UNSPACED_LANGUAGES,
    Layer,
    LayerFile,
    LayerKind,
    Maker,
    MakerKind,
    Quality,
    Recording,
    Transcript,
)
from archive.revision import FROM_VERSION, INSTEAD_OF, MADE_BY, WHY, WORDS, has_new_words
from portal import components, phrases, render, state
from portal.address import Address
from portal.citation import cite
from portal.clip import LONGEST_S
from portal.links import media_url, parse_range, recording_url, transcript_url
from portal.views import problem
from search.models import Filters

CACHE_S = 60
MOST_HITS = 1000  # of the query, marked in the transcript
MOST_VERSIONS = 20  # named beside a recording, the newest
MOST_SPEAKERS = 20  # named beside a recording
MOST_DOUBTS = 10  # reasons named beside a recording, of which there are some ten
FORMATS = {"vtt": "VTT", "srt": "SRT", "txt": "Text", "json": "JSON"}


def title(address: Address) -> str:
    """What the browser's tab says."""
    try:
        recording = state.public_recording(address.recording)
    except Withdrawn:
        return f"{phrases.WITHDRAWN} · Onrecord"
    except OnrecordError:
        return "Not here · Onrecord"
    names = ", ".join(state.speaker_names(recording.speakers).values())
    about = " · ".join(filter(None, (recording.title, names)))
    return f"{about}{f' ({recording.year})' if recording.year else ''} · Onrecord"


def show(address: Address) -> None:
    """Draws the recording, or says that there is none of that name."""
    try:
        state.public_recording(address.recording)  # what was drawn a minute ago may be gone
        components.draw("player", recording_data(replace(address, page=1).href, state.today()))
    except Withdrawn as error:
        since = render.tag("p", f"It was taken out of the archive on {phrases.date(error.on)}. The reason given:")
        problem.show(phrases.WITHDRAWN, since, render.tag("p", error.why, dir="auto"))
    except NotFound:
        problem.show(
            "There is no such recording here",
            render.tag("p", "It may have another address now, or not be open to the public."),
            render.tag("p", render.tag("a", "See everything that is here", href=Address(view="events").href)),
        )


@st.cache_data(ttl=CACHE_S, max_entries=200, show_spinner=False)
def recording_data(href: str, day: int) -> bytes:
    """What the player component draws, as JSON, for an address and a day (yyyymmdd)."""
    address = Address.parse(href)
    recording = state.public_recording(address.recording)
    versions = state.archive().versions(recording.id)
    shown = address.version if address.version in versions else None
    transcript = attributed(recording, state.archive().transcript(recording.id, shown)) if versions else None
    hits = _hits(address, day, transcript)
    start, end = parse_range(address.t, recording.duration)
    return msgspec.json.encode(
        {
            "id": recording.id,
            "version": shown,
            "note": _note(recording, transcript) if transcript else None,
            "former": _former(transcript, address) if transcript else None,
            "title": recording.title,
            "meta": _meta(recording),
            "back": _back(address, transcript, len(hits)),
            "media": _media(recording, transcript),
            "duration": recording.duration,
            "transcript": transcript_url(recording.id, "json", transcript.version) if transcript else None,
            "hits": hits or ([(start, end)] if address.t and end is not None else []),
            "range": ((start,) if end is None else (start, end)) if address.t else None,
            "voices": _voices(transcript),
            "unspaced": sorted(UNSPACED_LANGUAGES),
            "cite": cite(recording, transcript),
            "longest": LONGEST_S,
            "side": _side(recording, transcript, versions),
        }
    )


def _note(recording: Recording, transcript: Transcript) -> dict[str, str] | None:
    """Whose words these are, where they are not what was said in the hall."""
    if transcript.translated:
        return {"label": NOT_SAID.capitalize(), "kind": "warn"}
    layer = recording.layer(transcript.layer)
    if layer is None or layer.kind is not LayerKind.INTERPRETER:
        return None
    return {"label": f"What an interpreter said, {phrases.language(layer.language)}", "kind": ""}


def _former(transcript: Transcript, address: Address) -> dict[str, str] | None:
    """That these are not the words that were asked for, or not the newest, and where those are."""
    version = transcript.version
    if address.version not in {0, version}:
        return {"said": f"There is no version {address.version}; this is version {version}", "href": ""}
    newest = state.archive().versions(transcript.recording, transcript.layer)[-1]
    if newest == version:
        return None
    there = replace(address, version=0 if newest == state.archive().newest(transcript.recording) else newest)
    return {"said": f"Version {version} of these words, not the newest", "href": there.href}


def _media(recording: Recording, transcript: Transcript | None) -> dict[str, Any]:
    """What plays: the recording, or the sound of the layer that the transcript is of."""
    layer = recording.sound_of(transcript.layer) if transcript else FLOOR
    return {"url": media_url(recording.id, layer), "video": layer == FLOOR and bool(recording.media.video_codec)}


def _hits(address: Address, day: int, transcript: Transcript | None) -> list[tuple[float, float]]:
    """Where the words that are asked for stand. They are searched in the newest versions, so others have none."""
    if not address.q or not transcript:
        return []
    try:
        translated = (LayerKind.TRANSLATION,) if transcript.translated else ()
        only = Filters(recordings=(address.recording,), layers=translated, public_on=day)
        answer = state.searcher().search(address.q, only, limit=1, moments=MOST_HITS)
    except OnrecordError:  # the search page is where a query is explained; here it only marks words
        return []
    return [
        (round(m.start, 3), round(m.end, 3))
        for hits in answer.hits
        for m in hits.moments
        if m.version == transcript.version
    ]


def _back(address: Address, transcript: Transcript | None, hits: int) -> dict[str, str] | None:
    if not address.q:
        return None
    here = f"; {phrases.number(hits)} of them here" if hits else ""
    layers = (LayerKind.TRANSLATION.value,) if transcript and transcript.translated else ()
    return {"asked": phrases.quoted(address.q), "here": here, "href": Address(q=address.q, layers=layers).href}


def _meta(recording: Recording) -> list[dict[str, str]]:
    names = phrases.listed(list(state.speaker_names(recording.speakers).values()))
    event = recording.event
    items = [{"label": names}]
    if event:
        items.append({"label": event.label, "href": Address(view="events", events=(event.id,)).href})
    items += [{"label": phrases.date(recording.date or (event.date if event else ""))}, {"label": recording.place}]
    return [item for item in items if item["label"]]


def _voices(transcript: Transcript | None) -> dict[str, str]:
    """What the voices without a name are called."""
    ids = {segment.speaker for segment in transcript.segments} if transcript else set()
    return {who: phrases.speaker(who, "") for who in sorted(ids) if who.startswith(UNKNOWN)}


def _side(recording: Recording, transcript: Transcript | None, versions: tuple[int, ...]) -> list[dict[str, Any]]:
    parts = []
    if transcript:
        parts = [
            _certainty(transcript),
            _speakers(transcript),
            _transcript(transcript, versions),
            _versions(transcript, versions),
        ]
    return [part for part in (*parts, _downloads(transcript), _source(recording), *_interpreters(recording)) if part]


def _certainty(transcript: Transcript) -> dict[str, Any]:
    counts = Counter(segment.quality for segment in transcript.segments)
    heard = phrases.whose(LayerKind.TRANSLATION) if transcript.translated else phrases.made(transcript.maker.words_by)
    badges = [{"label": heard, "kind": "ok" if transcript.maker.words_by is MakerKind.PERSON else ""}]
    if corrected := sum(segment.corrected for segment in transcript.segments):
        label = f"{phrases.count(corrected, 'passage')} {phrases.made(MakerKind.PERSON)}"
        badges.append({"label": label, "kind": "ok"})
    if counts[Quality.LOW]:
        badges.append({"label": f"{phrases.count(counts[Quality.LOW], 'passage')} of low certainty", "kind": "warn"})
    if counts[Quality.SUSPECT]:
        badges.append({"label": f"{phrases.count(counts[Quality.SUSPECT], 'passage')} to check", "kind": "warn"})
    doubts = Counter(reason for segment in transcript.segments for reason in segment.reasons)
    rows = [{"label": reason, "value": phrases.number(count)} for reason, count in doubts.most_common(MOST_DOUBTS)]
    return {"title": "Certainty", "badges": badges, **({"rows": rows, "wide": True} if rows else {})}


def _speakers(transcript: Transcript) -> dict[str, Any] | None:
    spoken: Counter[str] = Counter()
    for segment in transcript.segments:
        if segment.speaker:
            spoken[state.people().current(segment.speaker)] += max(round(1000 * (segment.end - segment.start)), 0)
    names = state.speaker_names(spoken)
    rows = [
        {"label": phrases.speaker(who, names[who]), "value": phrases.length(ms / 1000)}
        for who, ms in spoken.most_common(MOST_SPEAKERS)
    ]
    return {"title": "Speakers", "rows": rows, "wide": True} if rows else None


def _transcript(transcript: Transcript, versions: tuple[int, ...]) -> dict[str, Any]:
    maker, about = transcript.maker, dict(transcript.maker.settings)
    made = about.get(MADE_BY) or " ".join(filter(None, (maker.name, maker.model, maker.version)))
    words = sum(len(segment.words) for segment in transcript.segments)
    rows = [
        {"label": "Version", "value": f"{transcript.version} of {max(versions)}"},
        {"label": "Made by", "value": made},
        {"label": "Language", "value": phrases.language(transcript.language)},
        {"label": "Words", "value": phrases.number(words)},
    ]
    if maker.kind is MakerKind.PERSON:
        rows += _correction(maker)
    if "differences" in about:
        differs = f"{phrases.count(int(about['differences']), 'place')}, from version {about['compared']}"
        rows.append({"label": "Differs", "value": differs})
    if "source" in about:
        rows.append({"label": "Source", "value": about["source"]})
    return {"title": "Transcript", "rows": rows}


def _correction(maker: Maker) -> list[dict[str, Any]]:
    """Who made a version of another, what of, and how many words changed."""
    about = dict(maker.settings)
    words = f"{about.get(WORDS, '0')} in place of {about.get(INSTEAD_OF, '0')}"
    rows = [
        {"label": "Changed by", "value": maker.name},
        {"label": "From version", "value": about.get(FROM_VERSION, "")},
        {"label": "New words", "value": words if has_new_words(maker) else ""},
        {"label": "Why", "value": about.get(WHY, "")},
    ]
    return [row for row in rows if row["value"]]


def _versions(transcript: Transcript, versions: tuple[int, ...]) -> dict[str, Any] | None:
    """Every version, the newest first, to be read instead."""
    if len(versions) < 2:
        return None
    rows = []
    for version in versions[: -MOST_VERSIONS - 1 : -1]:
        other = state.archive().heading(transcript.recording, version)
        whose = _whose(other.layer)
        href = "" if version == transcript.version else recording_url(transcript.recording, version=version)
        corrected = "corrected by " if has_new_words(other.maker) else ""
        rows.append({"label": str(version), "value": f"{whose}{corrected}{other.maker.name}", "href": href})
    return {"title": "Versions", "rows": rows}


def _whose(layer: str) -> str:
    if layer == TRANSLATION:
        return f"{phrases.whose(LayerKind.TRANSLATION)}: "
    return f"{phrases.whose(LayerKind.INTERPRETER)}, {phrases.language(layer)}: " if layer != FLOOR else ""


def _downloads(transcript: Transcript | None) -> dict[str, Any] | None:
    if not transcript:
        return None
    links = [
        {"label": label, "href": transcript_url(transcript.recording, suffix, transcript.version)}
        for suffix, label in FORMATS.items()
    ]
    return {"title": "Take it with you", "links": links}


def _source(recording: Recording) -> dict[str, Any]:
    link = recording.source if recording.source.startswith(("https://", "http://")) else ""
    rows: list[dict[str, Any]] = [
        {"label": "From", "value": recording.source, "href": link},
        {"label": "Rights", "value": recording.rights},
        {"label": "File", "value": recording.media.name},
        {"label": "Length", "value": phrases.length(recording.media.duration)},
        {"label": "SHA-256", "value": recording.media.sha256, "mono": True},
    ]
    return {"title": "Source", "rows": [row for row in rows if row["value"]]}


def _interpreters(recording: Recording) -> list[dict[str, Any]]:
    """Where the files of the interpreters are from, a part for each."""
    return [_interpreter(layer, layer.file) for layer in recording.layers if layer.file]


def _interpreter(layer: Layer, file: LayerFile) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"label": "From", "value": file.source},
        {"label": "Rights", "value": file.rights},
        {"label": "File", "value": file.media.name},
        {"label": "Begins", "value": phrases.clock(file.offset) if file.offset else ""},
        {"label": "SHA-256", "value": file.media.sha256, "mono": True},
    ]
    return {"title": f"Interpreter, {phrases.language(layer.language)}", "rows": [row for row in rows if row["value"]]}
