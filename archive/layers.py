"""An interpreter's file beside a recording's own: how it becomes a layer, and what may be known anew of it later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from archive import layout
from archive.changes import Change, changed_meanwhile
from archive.errors import InputError
from archive.models import FLOOR, Layer, LayerFile, Recording


def bring_layer(change: Change, former: Recording, layer: Layer, source: Path, how: str, agent: str) -> Recording:
    """The recording with a layer that has a file, whose bytes are staged where they are new."""
    if layer.file is None or layer.id == FLOOR:
        raise InputError("the floor is the recording's own file", where=former.id, mend="name an interpreter's layer")
    there = former.layer(layer.id)
    if there is None:
        return _new(change, former, layer, layer.file, source, how, agent)
    if there.file is None or there.file.media.sha256 != layer.file.media.sha256:
        what = f"the file {there.file.media.name}" if there.file else f"audio track {there.stream + 1} of its own file"
        raise InputError(
            f"the recording {former.id} has the layer {layer.id} already, {what}",
            where=str(source),
            mend="a layer's bytes are never replaced; name another language, or leave this file out",
        )
    return _known(change, former, there, there.file, layer.file, agent)


def _new(
    change: Change, former: Recording, layer: Layer, file: LayerFile, source: Path, how: str, agent: str
) -> Recording:
    if file.media.sha256 == former.media.sha256:
        raise InputError("its bytes are those of the floor", where=str(source), mend="give the interpreter's file")
    suffix = layout.safe_suffix(file.media.suffix)
    path = layout.media_name(suffix, layer.id)
    digest, size = change.bring(path, source, how)
    if digest != file.media.sha256:
        raise changed_meanwhile(source, digest, file.media.sha256)
    kept = replace(layer, file=replace(file, media=replace(file.media, suffix=suffix, bytes=size)))
    change.event("ingestion", agent, name=file.media.name, how=how, file=path, offset=f"{file.offset:.3f}")
    change.event("message digest calculation", agent, file=path, sha256=digest)
    return replace(former, layers=(*former.layers, kept))


def _known(change: Change, former: Recording, there: Layer, file: LayerFile, told: LayerFile, agent: str) -> Recording:
    """What is told of bytes that are there; at another place on the clock their derived sound must be made anew."""
    now = replace(file, offset=told.offset, source=told.source or file.source, rights=told.rights or file.rights)
    if now == file:
        return former
    if now.offset != file.offset:
        change.drop(layout.layer_copy_name(there.id))
    was = msgspec.json.encode({"offset": file.offset, "source": file.source, "rights": file.rights}).decode()
    change.event("metadata modification", agent, reason="the metadata sheet changed", **{f"former {there.id}": was})
    layers = tuple(replace(layer, file=now) if layer is there else layer for layer in former.layers)
    return replace(former, layers=layers)
