"""What Whisper says when it hears nothing: credits and farewells of the subtitles that it learned from.

Patterns on folded text: lower case, no punctuation, single spaces. Those of `SAID_TOO` are also said by people,
so they count only as a whole segment that is doubtful otherwise.
"""

from __future__ import annotations

import re

_NEVER_SAID = (
    r"thanks for watching",
    r"thank you for watching",
    r"thank you (so|very) much for watching",
    r"see you (guys )?in the next video",
    r"like and subscribe|subscribe to (my|our|the|this) channel",
    r"subtitles? by the amara org",
    r"^(subtitles|captions?|transcription|transcribed|translated) by [a-z ]+$",
    r"untertitel(ung)? (im auftrag des|der|des|von|aufgrund) ",
    r"vielen dank f[uü]rs zuschauen",
    r"sous titr(es|age) (r[eé]alis[eé]s?|soci[eé]t[eé]|st|par|fr)",
    r"merci d avoir regard[eé]",
    r"subt[ií]tulos (realizados )?por la comunidad",
    r"gracias por ver el v[ií]deo",
    r"legendas pela comunidade",
    r"obrigado por assistir",
    r"sottotitoli (creati|a cura|e revisione)",
    r"grazie per (la visione|aver guardato)",
    r"ondertitel(d|s|ing) (door|ingediend)",
    r"napisy (stworzone|wykonane) przez",
    r"altyaz[ıi] m k|izledi[ğg]iniz i[çc]in te[şs]ekk",
    r"субтитры (сделал|создавал|делал|подогнал)",
    r"спасибо за просмотр",
    r"продолжение следует",
    r"дякую за перегляд",
    r"ترجمة نانسي",
    r"اشتركوا (في|ب) ?القناة",
    r"شكرا? (على|ل) ?المشاهدة",
    r"تشکر از تماشای شما",
    r"زیرنویس (از|توسط|و)",
    r"字幕(由|by|提供|製作|制作)",
    r"请不吝点赞|請不吝點讚|明镜与点点",
    r"ご視聴(いただき)?ありがとうございま",
    r"チャンネル登録",
    r"시청해 ?주셔서 감사합니다",
    r"구독과 좋아요",
)
_SAID_TOO = (
    r"(thank you( very much| so much)?|thanks|bye( bye)?|you|okay|so|oh|hmm?)",
    r"(music|applause|laughter|silence)",
    r"(musik|musique|m[uú]sica|موسيقى|موسیقی|музыка|аплодисменты)",
    r"(the end|fin|ende|конец)",
)

NEVER_SAID = re.compile("|".join(_NEVER_SAID))
SAID_TOO = re.compile("|".join(_SAID_TOO))
