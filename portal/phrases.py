"""How figures are said to people: dates, lengths, counts and the names of languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from archive.errors import Withdrawn
from archive.models import UNDETERMINED, UNKNOWN, LayerKind, MakerKind, Quality, Transcript
from archive.revision import has_new_words
from search.query import QUOTES

WITHDRAWN = "This recording was withdrawn"
# words are heard, given or translated; that something was never said, nobody knows
NOT_FOUND = "Not found in the words that were searched."

_MADE = {
    MakerKind.PERSON: "corrected by a person",
    MakerKind.IMPORT: "imported transcript",
    MakerKind.ENGINE: "machine transcript",
}

_DOUBTS = {Quality.LOW: "low certainty", Quality.SUSPECT: "to check"}
_QUALITIES = {Quality.OK: "no doubt noted", **_DOUBTS}
_LAYERS = {
    LayerKind.FLOOR: "the floor",
    LayerKind.INTERPRETER: "interpreters",
    LayerKind.TRANSLATION: "machine translation",
}
_WHOSE = {LayerKind.FLOOR: "", LayerKind.INTERPRETER: "interpreter", LayerKind.TRANSLATION: "machine translation"}

_RIGHT_TO_LEFT = frozenset({"R", "AL"})

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# In the language itself, as its readers look for it.
_LANGUAGES = {
    "af": "Afrikaans", "am": "አማርኛ", "ar": "العربية", "az": "Azərbaycanca", "bg": "Български", "bn": "বাংলা",
    "bs": "Bosanski", "ca": "Català", "ckb": "کوردی", "cs": "Čeština", "cy": "Cymraeg", "da": "Dansk",
    "de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "eu": "Euskara",
    "fa": "فارسی", "fi": "Suomi", "fr": "Français", "gl": "Galego", "gu": "ગુજરાતી", "he": "עברית",
    "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "hy": "Հայերեն", "id": "Bahasa Indonesia",
    "is": "Íslenska", "it": "Italiano", "ja": "日本語", "ka": "ქართული", "kk": "Қазақша", "km": "ខ្មែរ",
    "kn": "ಕನ್ನಡ", "ko": "한국어", "ku": "Kurdî", "lo": "ລາວ", "lt": "Lietuvių", "lv": "Latviešu",
    "mk": "Македонски", "ml": "മലയാളം", "mn": "Монгол", "mr": "मराठी", "ms": "Bahasa Melayu", "my": "မြန်မာ",
    "ne": "नेपाली", "nl": "Nederlands", "no": "Norsk", "pa": "ਪੰਜਾਬੀ", "pl": "Polski", "ps": "پښتو",
    "pt": "Português", "ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina",
    "so": "Soomaali", "sq": "Shqip", "sr": "Српски", "sv": "Svenska", "sw": "Kiswahili", "ta": "தமிழ்",
    "te": "తెలుగు", "tg": "Тоҷикӣ", "th": "ไทย", "tl": "Tagalog", "tr": "Türkçe", "uk": "Українська",
    "ur": "اردو", "uz": "Oʻzbekcha", "vi": "Tiếng Việt", "yi": "ייִדיש", "yue": "粵語", "zh": "中文",
    UNDETERMINED: "language unclear",
}  # fmt: skip


def language(code: str) -> str:
    """A language by its own name; the code itself where we know none."""
    return _LANGUAGES.get(code, code)


def made(kind: MakerKind) -> str:
    """What made a transcript, or the words of a passage."""
    return _MADE[kind]


def made_all(transcript: Transcript) -> str:
    """What made all the words of a transcript, and that a person corrected some, or took some out."""
    corrected = has_new_words(transcript.maker) or any(segment.corrected for segment in transcript.segments)
    kinds = dict.fromkeys((transcript.maker.words_by, *([MakerKind.PERSON] if corrected else [])))
    return ", ".join(made(kind) for kind in kinds)


def doubts(quality: Quality, reasons: Iterable[str]) -> tuple[str, ...]:
    """How far words cannot be trusted, and why; nothing where no doubt was noted."""
    return (_DOUBTS[quality], *reasons) if quality in _DOUBTS else ()


def quality(value: str) -> str:
    """A quality as a choice; a value that is none as it stands."""
    return _QUALITIES[Quality(value)] if value in set(Quality) else value


def layer(value: str) -> str:
    """A kind of layer as a choice."""
    return _LAYERS[LayerKind(value)] if value in set(LayerKind) else value


def whose(kind: LayerKind) -> str:
    """Whose words one passage holds; "" for those of the floor."""
    return _WHOSE[kind]


def date(iso: str) -> str:
    """`1961-01-20` as `20 January 1961`, `1961-01` as `January 1961`, anything else as it stands."""
    parts = iso.split("-")
    if not 2 <= len(parts) <= 3 or not all(part.isdigit() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return iso
    said = f"{_MONTHS[int(parts[1]) - 1]} {parts[0]}"
    return f"{int(parts[2])} {said}" if len(parts) == 3 else said


def withdrawn(error: Withdrawn) -> str:
    """Since when a recording is gone, and why."""
    return f"It was withdrawn on {date(error.on)}: {error.why}"


def length(seconds: float) -> str:
    """A duration in seconds as `1 h 05 min`, `13 min 42 s` or `11 s`, cut off as in `clock`, that no line may break."""
    whole = int(seconds)
    if whole >= 3600:
        said = f"{whole // 3600} h {whole % 3600 // 60:02} min"
    elif whole >= 60:
        said = f"{whole // 60} min {whole % 60:02} s"
    else:
        said = f"{whole} s"
    return said.replace(" ", "\u00a0")


def clock(seconds: float) -> str:
    """A time as it stands on a button: `12:40`, `1:02:03`."""
    whole = max(0, int(seconds))
    minutes = f"{whole // 60 % 60:02}" if whole >= 3600 else f"{whole // 60}"
    return f"{whole // 3600}:{minutes}:{whole % 60:02}" if whole >= 3600 else f"{minutes}:{whole % 60:02}"


def span(start: float, end: float) -> str:
    """From when to when: `0:59 to 1:02`; what lies within a second has one time."""
    first, last = clock(start), clock(end)
    return first if first == last else f"{first} to {last}"


def number(value: int) -> str:
    """A count with its thousands apart."""
    return f"{value:,}"


def rate(value: float) -> str:
    """A number per 10,000: to one decimal, below one to two figures."""
    return f"{value:,.1f}" if value >= 1 else f"{value:.2g}"


def count(value: int, what: str, many: str = "") -> str:
    """`1 moment`, `1,200 moments`."""
    return f"{number(value)} {what if value == 1 else many or what + 's'}"


def quoted(query: str, most: int = 60) -> str:
    """A query in running text, in quotation marks unless it has its own."""
    phrase = len(query) > 2 and query[0] in QUOTES and query[-1] in QUOTES and not _has_quotes(query[1:-1])
    bare = query[1:-1] if phrase else query
    shown = bare if len(bare) <= most else bare[: most - 1].rstrip() + "…"
    return shown if _has_quotes(bare) else quotation(shown)


def quotation(text: str) -> str:
    """Text in the quotation marks of its script: right to left in those that turn with the line they stand in."""
    first = next((char for char in text if char.isalpha()), " ")
    return f"«{text}»" if unicodedata.bidirectional(first) in _RIGHT_TO_LEFT else f"“{text}”"


def _has_quotes(text: str) -> bool:
    return any(char in QUOTES for char in text)


def speaker(identifier: str, name: str) -> str:
    """Who spoke; a voice that nobody named yet is called what it is."""
    if is_nameless(identifier, name):
        return f"unnamed voice {identifier.removeprefix('unknown-')}"
    return name or identifier


def is_nameless(identifier: str, name: str) -> bool:
    """Whether this is a voice that nobody named; its number means something in its own recording alone."""
    return identifier.startswith(UNKNOWN) and name in {"", identifier}


def listed(names: list[str], most: int = 4) -> str:
    """A few names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
