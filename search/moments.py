"""From a document and the hits in it to moments: the words with their times, and some around them."""

from __future__ import annotations

from collections.abc import Sequence

from archive.models import LayerKind, MakerKind, Quality, Word
from search.documents import Document
from search.models import Moment
from search.passages import Passage, unpack
from search.spans import Span

CONTEXT_WORDS = 16  # each side of a hit, as far as the document has them


def moments_of(
    document: Document,
    spans: Sequence[Span],
    *,
    score: float,
    speaker_name: str,
    following: Sequence[Document] = (),
) -> list[Moment]:
    """The moments of a document's hits. `following` are the documents that the hits were also looked for in."""
    if not spans:
        return []
    passage = _with_following(document, following) if following else unpack(document.body)
    places = [(passage.firsts[first], passage.lasts[last]) for first, last in spans]
    # those of hits near each other are the same words, made once
    start = max(min(first for first, _ in places) - CONTEXT_WORDS, 0)
    words = passage.words(start, max(last for _, last in places) + 1 + CONTEXT_WORDS)
    number = document.first_word - passage.before + start  # of the first of these words
    return [
        _moment(document, words, number, first - start, last - start, score, speaker_name) for first, last in places
    ]


def _moment(
    document: Document,
    words: Sequence[Word],
    number: int,
    first: int,
    last: int,
    score: float,
    speaker_name: str,
) -> Moment:
    """A hit from `first` to `last` of some words of the document, the first of which is its `number`th."""
    start = max(first - CONTEXT_WORDS, 0)
    return Moment(
        recording=document.recording,
        version=document.version,
        first_word=number + first,
        last_word=number + last,
        words=tuple(words[start : last + 1 + CONTEXT_WORDS]),
        first=first - start,
        last=last - start,
        speaker=document.speaker,
        speaker_name=speaker_name,
        language=document.language,
        quality=Quality(document.quality),
        reasons=document.reasons,
        layer=LayerKind(document.layer),
        track=document.track,
        made=MakerKind(document.made),
        score=score,
    )


def _with_following(document: Document, following: Sequence[Document]) -> Passage:
    """The passage with all words of the documents behind it in the place of its ghost words."""
    passage = unpack(document.body)
    stop = passage.before + passage.own
    texts, times = list(passage.texts[:stop]), list(passage.times[: 2 * stop])
    probabilities = bytearray(passage.probabilities[:stop])
    firsts, lasts = list(passage.firsts[: document.own]), list(passage.lasts[: document.own])
    for after in following:
        more = unpack(after.body)
        stop = more.before + more.own
        shift = len(texts) - more.before
        texts += more.texts[more.before : stop]
        times += more.times[2 * more.before : 2 * stop]
        probabilities += more.probabilities[more.before : stop]
        firsts += [shift + first for first in more.firsts[: after.own]]
        lasts += [shift + last for last in more.lasts[: after.own]]
    return Passage(passage.before, passage.own, texts, times, bytes(probabilities), firsts, lasts)
