"""What one run over one shop works with; built once by ``app`` and passed along, never global."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.browser.gate import HeldRequest
from agent.domain.acts import Act
from agent.domain.cases import Case
from agent.domain.clock import Clock
from agent.domain.rules import NOBODY, Never
from agent.evidence.blobs import BlobStore
from agent.evidence.keys import SigningKey
from agent.settings import Shop
from agent.store.database import Database
from agent.store.limits import LimitRules
from page_objects.loader import LoadedProfile
from page_objects.site import Account

Supervise = Callable[[Case, Act, HeldRequest], Awaitable[bool]]


class Mode(StrEnum):
    """How far a run goes."""

    LIVE = "live"
    REHEARSE = "rehearse"  # up to the held request, which is recorded and not released
    PLAN = "plan"  # reading and deciding only


@dataclass(frozen=True, slots=True)
class ShopRun:
    """One run over one shop."""

    name: str
    shop: Shop
    loaded: LoadedProfile
    account: Account
    db: Database
    blobs: BlobStore
    key: SigningKey
    clock: Clock
    run_id: str
    actor: dict[str, str]
    limits: LimitRules
    confirmed: frozenset[str]
    mode: Mode = Mode.LIVE
    supervise: Supervise | None = None
    never: Never = NOBODY

    @property
    def zone(self) -> ZoneInfo:
        """The portal's zone: its day is the day of the limits."""
        return ZoneInfo(self.loaded.profile.zone)

    def portal_now(self) -> datetime:
        """Return the time as the portal's clock shows it."""
        return self.clock().astimezone(self.zone)

    def mask_key(self) -> bytes:
        """Return the key for hashes of raw requests that are kept masked."""
        # Ed25519 signs deterministically: the signature of a fixed text is a secret that only the key gives.
        return hashlib.sha256(self.key.sign(b"closewright request hash")[1].encode()).digest()
