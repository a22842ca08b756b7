"""The register of speakers: one id per person, found under any spelling and script of the name."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from archive import codec
from archive.errors import InputError, NotFound
from archive.events import slug
from archive.files import atomic_write
from archive.locks import held
from archive.models import Name, Speaker

PEOPLE = "people.json"
NAME_CHARACTERS = 200  # a longer cell of a sheet is no name

# letters that NFKD leaves apart though people write one for the other
_LETTERS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ٱ": "ا", "ـ": ""}
    | {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"}
)
_UNKNOWN = re.compile(r"unknown(-\d+)?")  # ids of voices that nobody named yet; no person may get one
_SCRIPT = re.compile("[A-Z][a-z]{3}")
_VOICED_MARKS = 9  # combining classes up to it are nukta, kana voicing and virama: other letters, not accents
# ISO 15924 codes by the first word of a character's Unicode name
_SCRIPTS = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "ARMENIAN": "Armn",
    "GEORGIAN": "Geor", "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr",
    "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym", "SINHALA": "Sinh", "THAI": "Thai",
    "LAO": "Laoo", "TIBETAN": "Tibt", "MYANMAR": "Mymr", "KHMER": "Khmr", "ETHIOPIC": "Ethi", "HANGUL": "Hang",
    "HIRAGANA": "Hira", "KATAKANA": "Kana", "CJK": "Hani", "SYRIAC": "Syrc", "THAANA": "Thaa", "MONGOLIAN": "Mong",
}  # fmt: skip


def fold(name: str) -> str:
    """What two spellings of one name have in common: no case, accents, spaces, ZWNJ or punctuation."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).translate(_LETTERS)
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in letters
        if letter.isalnum() or (unicodedata.category(letter)[0] == "M" and not _is_accent(letter))
    )


def script_of(text: str) -> str:
    """The ISO 15924 code of the script that most letters are in, such as `Latn` or `Arab`; "" for none we know."""
    counts: dict[str, int] = {}
    for letter in filter(str.isalpha, text):
        code = _SCRIPTS.get(unicodedata.name(letter, "?").split()[0].split("-")[0], "")
        counts[code] = counts.get(code, 0) + 1
    return max(counts, key=lambda code: counts[code]) if counts else ""


class People:
    """The register as it was read, brought up to date by every change made through it.

    `ensure`, `add_name` and `join` write at once, under a lock and over what is on disk then, so that two processes
    never give one id to two people; what `put` changes is written by `save`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / PEOPLE
        self._put: dict[str, Speaker] = {}
        self._take(self._read())

    @classmethod
    def load(cls, root: Path) -> People:
        """The register of the archive in `root`; empty where there is none yet."""
        return cls(root)

    def all(self) -> tuple[Speaker, ...]:
        """Every person, in the order in which they were entered."""
        return tuple(self._speakers.values())

    def get(self, speaker: str) -> Speaker:
        """The person with this id, or whose entry the one with this id was joined into."""
        try:
            return self._speakers[self.current(speaker)]
        except KeyError:
            raise NotFound(
                f"no speaker {speaker!r}", where=str(self._path), mend="`onrecord people` lists them"
            ) from None

    def current(self, speaker: str) -> str:
        """The id that stands for this one since entries were joined; any other text as it is."""
        return self._former.get(speaker, speaker)

    def shown(self) -> dict[str, str]:
        """The shown name by id, by former ids too."""
        return {old: known.name for known in self.all() for old in (*known.former, known.id)}

    def find(self, name: str) -> Speaker | None:
        """The person of that name in any spelling, also as `Last, First`; the first entered where several share it."""
        return next((self._keys[key] for key in _keys(name) if key in self._keys), None)

    def ensure(self, name: str) -> Speaker:
        """The person of that name, entered now if nobody is known by it."""
        return self.ensure_all((name,))[0]

    def ensure_all(self, names: Iterable[str]) -> tuple[Speaker, ...]:
        """The same for many names with one write."""
        clean = [_clean(name) for name in names]
        if any(self.find(name) is None for name in clean):
            with self._changing():
                for name in clean:
                    if self.find(name) is None:
                        self._add(Speaker(self._free_id(name), (Name(name, script_of(name)),)))
        return tuple(filter(None, map(self.find, clean)))

    def add_name(self, speaker: str, text: str, script: str = "") -> Speaker:
        """The person with another spelling of the name; refused where somebody else has that name."""
        if script and not _SCRIPT.fullmatch(script):
            raise InputError(f"{script!r} is no script", mend="write an ISO 15924 code such as Latn or Arab")
        name = Name(_clean(text), script or script_of(text))
        with self._changing():
            person, bearer = self.get(speaker), self.find(name.text)
            if bearer not in (None, person):
                raise InputError(
                    f"{name.text!r} is the name of {bearer.id}",
                    mend=f"if they are one person, run: onrecord people merge {bearer.id} {person.id}",
                )
            if name.text not in {known.text for known in person.names}:
                person = replace(person, names=(*person.names, name))
                self._add(person)
        return person

    def join(self, speaker: str, into: str) -> Speaker:
        """One person out of two entries: `into` takes over names, roles and, as a former id, the id of the other."""
        with self._changing():
            gone, kept = self.get(speaker), self.get(into)
            if gone.id == kept.id:
                if speaker in (into, kept.id):
                    raise InputError("a person cannot be joined with the same", where=into)
                return kept  # done before
            spelt = {name.text for name in kept.names}
            kept = replace(
                kept,
                names=(*kept.names, *(name for name in gone.names if name.text not in spelt)),
                roles=tuple(dict.fromkeys((*kept.roles, *gone.roles))),
                former=(*kept.former, *gone.former, gone.id),
            )
            self._take(tuple(kept if known.id == kept.id else known for known in self.all() if known.id != gone.id))
        return kept

    def put(self, speaker: Speaker) -> None:
        """Change a person's names or roles, or enter one under an id of the caller's; `save` keeps it."""
        if not speaker.names or _UNKNOWN.fullmatch(speaker.id) or slug(speaker.id) != speaker.id:
            raise InputError("a speaker needs a name, and an id that is a slug", where=speaker.id)
        names = tuple(Name(_clean(name.text), name.script or script_of(name.text)) for name in speaker.names)
        self._put[speaker.id] = replace(speaker, names=names)
        self._take(self.all())

    def save(self) -> None:
        """Write what `put` changed, over what is on disk now."""
        if self._put:
            with self._changing():
                gone = next((speaker for speaker in self._put if self.current(speaker) != speaker), None)
                if gone:
                    raise InputError(f"was joined into {self.current(gone)}", where=gone, mend="change that entry")
            self._put.clear()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """What is changed here is changed over what is on disk now, and written."""
        with held(self._root / "work" / "locks", "people"):
            self._take(self._read())
            yield
            self._write()

    def _read(self) -> tuple[Speaker, ...]:
        try:
            return codec.decode(self._path.read_bytes(), codec.Register, str(self._path)).speakers
        except FileNotFoundError:
            return ()

    def _write(self) -> None:
        atomic_write(self._path, codec.encode(codec.Register(self.all())))

    def _take(self, speakers: tuple[Speaker, ...]) -> None:
        self._speakers: dict[str, Speaker] = {}
        self._keys: dict[str, Speaker] = {}
        self._former: dict[str, str] = {}
        for speaker in ({known.id: known for known in speakers} | self._put).values():
            self._add(speaker)

    def _add(self, speaker: Speaker) -> None:
        self._speakers[speaker.id] = speaker
        self._former.update(dict.fromkeys(speaker.former, speaker.id))
        for name in speaker.names:
            for key in _keys(name.text):
                if self._keys.setdefault(key, speaker).id == speaker.id:
                    self._keys[key] = speaker

    def _free_id(self, name: str) -> str:
        base = slug(name) or "speaker"
        if _UNKNOWN.fullmatch(base):
            base = f"speaker-{base}"
        number, free = 1, base
        while free in self._speakers or free in self._former:
            number += 1
            free = f"{base}-{number}"
        return free


def _keys(name: str) -> tuple[str, ...]:
    last, comma, first = name.partition(",")
    swapped = (fold(first + last),) if comma and "," not in first else ()
    return tuple(key for key in (fold(name), *swapped) if key)


def _clean(name: str) -> str:
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not fold(clean) or len(clean) > NAME_CHARACTERS:
        raise InputError(
            f"{clean[:40]!r} is no name", mend=f"a name has letters, and at most {NAME_CHARACTERS} of them"
        )
    return clean


def _is_accent(mark: str) -> bool:
    return unicodedata.combining(mark) > _VOICED_MARKS
