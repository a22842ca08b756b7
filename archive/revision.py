"""What a version says of itself that a person made from another: who, from which, and whose the other words are."""

from __future__ import annotations

from dataclasses import replace

from archive.models import OFFSET, TRANSLATED, WORDS_BY, Layer, Maker, MakerKind, Transcript

FROM_VERSION = "from version"
MADE_BY = "made by"  # in words: what the person started from, beneath all persons
WORDS = "words"  # how many a person gave ...
INSTEAD_OF = "instead of"  # ... in the place of how many
WHY = "why"
ABOVE = "above version"  # of a correction that was put above what was heard since


def revised(base: Transcript, by: str, layer: Layer, settings: tuple[tuple[str, str], ...] = ()) -> Maker:
    """The maker of a version that the person `by` makes of `base`; what holds for all of its words still holds."""
    former = dict(base.maker.settings)
    # a given text lies where its layer lay when it came, and does not say so
    offset = f"{layer.offset:.3f}" if base.maker.kind is MakerKind.IMPORT and layer.offset else former.get(OFFSET)
    holds: tuple[tuple[str, str], ...] = ((OFFSET, offset),) if offset else ()
    holds += (TRANSLATED,) if base.translated else ()
    made_by = former.get(MADE_BY) or " ".join(filter(None, (base.maker.name, base.maker.model, base.maker.version)))
    origin = ((FROM_VERSION, str(base.version)), (WORDS_BY, base.maker.words_by.value), (MADE_BY, made_by))
    return Maker(MakerKind.PERSON, by, settings=(*holds, *origin, *settings))


def has_new_words(maker: Maker) -> bool:
    """Whether a person changed words, and not only who says them or in which language."""
    about = dict(maker.settings) if maker.kind is MakerKind.PERSON else {}  # an engine may call a setting `words` too
    return {about.get(WORDS, "0"), about.get(INSTEAD_OF, "0")} != {"0"}


def above(former: Transcript, newest: int, layer: Layer) -> Transcript:
    """A person's version once more, without a number yet (0), to stand above the version `newest` of its layer.

    Where the layer's file was put elsewhere on the clock since, the words go with it.
    """
    settings = dict(former.maker.settings)
    later = layer.offset - float(settings.get(OFFSET, "0"))
    settings |= {ABOVE: str(newest)} | ({OFFSET: f"{layer.offset:.3f}"} if later else {})
    made = replace(former, version=0, maker=replace(former.maker, settings=tuple(settings.items())))
    return _moved(made, later) if later else made


def _moved(transcript: Transcript, seconds: float) -> Transcript:
    """The same so much later on the clock, or earlier, though never before its start."""

    def at(time: float) -> float:
        return round(max(time + seconds, 0.0), 3)

    segments = []
    for segment in transcript.segments:
        words = tuple(replace(word, start=at(word.start), end=at(word.end)) for word in segment.words)
        segments.append(replace(segment, start=at(segment.start), end=at(segment.end), words=words))
    return replace(transcript, segments=tuple(segments), duration=at(transcript.duration))
