"""From a document and a hit in it to a moment: the words with their times, and some around them."""

from __future__ import annotations

from collections.abc import Sequence

from archive.models import Word
from search.documents import Document, Passage, passage_of, quality_of
from search.models import Moment
from search.spans import Span, Terms, terms_of

CONTEXT_WORDS = 20  # each side of a hit, as far as the document has them


def moments_of(
    document: Document,
    spans: Sequence[Span],
    *,
    score: float,
    speaker_name: str,
    following: Sequence[Document] = (),
) -> list[Moment]:
    """The moments of a document's hits. `following` are the documents that the hits were also looked for in."""
    passage = _with_following(document, following) if following else passage_of(document)
    return [_moment(document, passage, span, score, speaker_name) for span in spans]


def _moment(document: Document, passage: Passage, span: Span, score: float, speaker_name: str) -> Moment:
    first, last = passage.firsts[span[0]], passage.lasts[span[1]]
    start = max(first - CONTEXT_WORDS, 0)
    number = document.first_word - passage.before  # of the passage's first word
    return Moment(
        recording=document.recording,
        version=document.version,
        first_word=number + first,
        last_word=number + last,
        words=passage.words[start : last + 1 + CONTEXT_WORDS],
        first=first - start,
        last=last - start,
        speaker=document.speaker,
        speaker_name=speaker_name,
        language=document.language,
        quality=quality_of(document),
        score=score,
    )


def _with_following(document: Document, following: Sequence[Document]) -> Passage:
    """The passage with all words of the documents behind it in the place of its ghost words."""
    own, terms = _own(document)
    words: list[Word] = list(own.words[: own.before + own.own])
    firsts, lasts = list(own.firsts[: terms.own]), list(own.lasts[: terms.own])
    for after in following:
        passage, terms = _own(after)
        shift = len(words) - passage.before
        words.extend(passage.words[passage.before : passage.before + passage.own])
        firsts.extend(shift + first for first in passage.firsts[: terms.own])
        lasts.extend(shift + last for last in passage.lasts[: terms.own])
    return Passage(own.before, own.own, tuple(words), tuple(firsts), tuple(lasts))


def _own(document: Document) -> tuple[Passage, Terms]:
    return passage_of(document), terms_of(document)
