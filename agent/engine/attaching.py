"""What goes along with an act: the case's evidence, pictures, or the files that a person has named."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.domain.acts import Act, ActKind
from agent.domain.returns import MOST_PICTURES
from agent.errors import NotAuthorised
from agent.evidence.blobs import Stored
from agent.evidence.pack import FileLimits, PackFile
from page_objects.profile import ActVariant, FieldKind, Profile

if TYPE_CHECKING:
    from agent.engine.run import Run

_READ = frozenset({ActKind.FILE_TICKET, ActKind.REPLY_TICKET, ActKind.OPEN_DISPUTE})  # a clerk reads text and files


async def with_files(run: "Run", act: Act, variant: ActVariant) -> Act:
    """Return an act with its files made ready, and its text with what they lack and with its reference.

    Raises:
        NotAuthorised: the text is longer than the portal takes, or it takes nothing of what has to go along.
        EvidenceBroken: a kept file is missing or has changed.
    """
    profile = run.shop_run.loaded.profile
    files, left_out = act.fields.get("files", []), ""
    if act.fields.get("evidence_pack"):
        limits = limits_of(profile, variant)
        pack = await run.evidence_pack(limits)
        if not pack.files and limits.max_files != 0:
            raise NotAuthorised(
                f"{act.kind}: the portal takes nothing of the case's evidence ({limits.words}): do it there by hand"
            )
        files, left_out = await run.attach(pack.files), pack.left_out
    elif act.fields.get("pictures"):
        files = await _pictures(run, act, variant)
    elif files:
        await run.attach([await _kept(run, one) for one in files])
    if act.kind not in _READ:
        return replace(act, fields={**act.fields, "files": files}) if files else act
    text = f"{act.fields['text']}{left_out}{act.fields.get('reference', '')}"
    most = longest_text(profile, variant)
    if most is not None and len(text) > most:
        raise NotAuthorised(f"the text has {len(text)} characters, and the portal takes {most}: shorten its template")
    return replace(act, fields={**act.fields, "text": text, "files": files})


async def _pictures(run: "Run", act: Act, variant: ActVariant) -> list[dict[str, str]]:
    """Lay the pictures ready that the form takes; those that it does not are left out, and written down."""
    profile, given = run.shop_run.loaded.profile, run.pictures
    limits = limits_of(profile, variant)
    chosen = fitting(given, limits)
    if not chosen and profile.wants_files(variant, run.case.reason):
        raise NotAuthorised(f"{act.kind}: the portal wants a picture and takes none of those given ({limits.words})")
    left = [one for one in given if one not in chosen]
    said = f"{len(left)} left out: the portal takes {limits.words}" if left else ""
    run.recorder.note("pictures", {"files": _kept_as(chosen), "left_out": _kept_as(left), "text": said})
    return await run.attach([await _picture(run, at, one) for at, one in enumerate(chosen, 1)])


def _kept_as(pictures: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{one['sha256']}.{one['ext']}" for one in pictures]


async def _picture(run: "Run", at: int, one: Mapping[str, Any]) -> PackFile:
    data = await asyncio.to_thread(run.shop_run.blobs.read, one["sha256"], one["ext"])
    return PackFile(f"picture-{at}.{one['ext']}", data)


def fitting(pictures: Sequence[Mapping[str, Any]], limits: FileLimits) -> list[Mapping[str, Any]]:
    """Return the pictures that a form takes by kind and size, the first of them, as many as it takes."""
    fit = [one for one in pictures if limits.takes_kind(f"x.{one['ext']}") and limits.takes_size(one["size"])]
    return fit[: most_pictures(limits)]


def most_pictures(limits: FileLimits) -> int:
    """Return how many pictures a form takes."""
    return MOST_PICTURES if limits.max_files is None else min(MOST_PICTURES, limits.max_files)


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
