"""What goes along with a ticket, or a reply to one: the case's evidence, or the files that a person has named."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.domain.acts import Act, ActKind
from agent.errors import NotAuthorised
from agent.evidence.blobs import Stored
from agent.evidence.pack import FileLimits, PackFile
from page_objects.profile import ActVariant, FieldKind, Profile

if TYPE_CHECKING:
    from agent.engine.run import Run

_NAMED = frozenset({ActKind.FILE_TICKET, ActKind.REPLY_TICKET})


async def with_files(run: "Run", act: Act, variant: ActVariant) -> Act:
    """Return an act with its files made ready, and its text with what they lack and with its reference.

    Raises:
        NotAuthorised: the text is longer than the portal takes.
        EvidenceBroken: a kept file is missing or has changed.
    """
    profile = run.shop_run.loaded.profile
    files, left_out = act.fields.get("files", []), ""
    if act.fields.get("evidence_pack"):
        pack = await run.evidence_pack(limits_of(profile, variant))
        files, left_out = await run.attach(pack.files), pack.left_out
    elif files:
        await run.attach([await _kept(run, one) for one in files])
    if act.kind not in _NAMED:
        return replace(act, fields={**act.fields, "files": files}) if files else act
    text = f"{act.fields['text']}{left_out}{act.fields.get('reference', '')}"
    most = longest_text(profile, variant)
    if most is not None and len(text) > most:
        raise NotAuthorised(f"the text has {len(text)} characters, and the portal takes {most}: shorten its template")
    return replace(act, fields={**act.fields, "text": text, "files": files})


async def _kept(run: "Run", one: dict[str, str]) -> PackFile:
    data = await asyncio.to_thread(run.shop_run.blobs.read, one["sha256"], one["ext"])
    stored = Stored(one["sha256"], len(data), one["ext"])
    run.recorder.keep_stored(stored, one["name"], "a file that goes along with the reply")
    return PackFile(one["name"], data)


def limits_of(profile: Profile, variant: ActVariant) -> FileLimits:
    """Return what files the form of an act takes: none at all where it has no field for any."""
    for name in profile.forms_of(variant):
        for field in profile.forms[name].fields.values():
            if field.kind is FieldKind.FILES:
                return FileLimits(field.suffixes, field.max_bytes, field.max_files)
    return FileLimits(max_files=0)


def longest_text(profile: Profile, variant: ActVariant) -> int | None:
    """Return how many characters the text of an act may have; None: nobody has told."""
    found = [profile.forms[name].fields.get("text") for name in profile.forms_of(variant)]
    return min((field.max_length for field in found if field is not None and field.max_length), default=None)
