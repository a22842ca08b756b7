"""What a transcript is asked to be made with: a model that is not there is said before anything waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import ModelError, UsageError
from archive.models import Maker, MakerKind
from ingest.recipe import Recipe

HEARD = Maker(MakerKind.ENGINE, "faster-whisper", "1.2.1", "base", "0" * 64)


def test_a_name_that_is_neither_a_size_nor_a_folder_is_refused_and_the_sizes_are_named() -> None:
    with pytest.raises(UsageError, match=r"no Whisper size `larg-v3`.*large-v3"):
        Recipe.of("faster", "larg-v3")


@pytest.mark.parametrize("name", ["پارسی", "whisper-large"])
def test_a_folder_without_a_model_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        Recipe.of("faster", str(tmp_path / name))
    (tmp_path / name).mkdir()
    with pytest.raises(ModelError, match=r"lacks model\.bin"):
        Recipe.of("faster", str(tmp_path / name))


def test_a_folder_that_is_gone_since_is_the_model_s_fault(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the model is not there"):
        Recipe("faster", str(tmp_path / "gone")).made(HEARD)


def test_a_size_made_what_says_so_whether_it_is_here_or_not() -> None:
    assert Recipe.of("faster", "base").made(HEARD)
    assert not Recipe.of("faster", "large-v3").made(HEARD)
