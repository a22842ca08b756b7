"""What a transcript is asked to be made with, without loading it: an engine and a model."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from archive.models import Layer, Maker, MakerKind
from ingest.sizes import cannot_translate
from ingest.weights import given, sha256_of_model

# what each engine calls itself as the maker of a transcript
MAKERS = {"faster": "faster-whisper", "openai": "openai-whisper", "toy": "toy"}
_PACKAGES = {"faster": "faster_whisper", "openai": "whisper"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """An engine and a model: a size of Whisper or the absolute path of a folder."""

    engine: str
    model: str

    @classmethod
    def of(cls, engine: str, model: str) -> Recipe:
        """`auto` is the fastest engine that is installed, as when it is opened.

        UsageError where there is no such model, ModelError where its folder has none.
        """
        if engine == "auto":
            engine = next((name for name, package in _PACKAGES.items() if find_spec(package)), engine)
        if engine == "toy":
            return cls(engine, "")
        folder = given(model)
        return cls(engine, str(folder.absolute()) if folder else model)

    @classmethod
    def parse(cls, text: str) -> Recipe:
        """The recipe that was written so."""
        engine, _, model = text.partition("/")
        return cls(engine, model)

    def __str__(self) -> str:
        return f"{self.engine}/{self.model}" if self.model else self.engine

    def hears(self, layer: Layer) -> bool:
        """Whether a layer is heard by this recipe: a translation not where the model cannot translate."""
        return not (layer.translates and cannot_translate(self.model))

    def made(self, maker: Maker) -> bool:
        """Whether a transcript by this maker is one of this recipe, by whatever version of the engine.

        ModelError where that depends on a folder that is not there.
        """
        if maker.kind is not MakerKind.ENGINE or maker.name != MAKERS.get(self.engine):
            return False
        folder = given(self.model) if self.model else None
        if folder is None:
            return maker.model == self.model
        # a folder may be called anything, so its weights decide
        return maker.model_sha256 == sha256_of_model(folder)
