"""Which order a key is: some portals show the order's id, and go by a key of their own in all that is sent."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Response

from agent.browser.gate import Read, SeenRequest
from agent.domain.ids import OrderId
from agent.errors import PageUnreadable, WrongOrder
from page_objects.profile import KEY_IN_URL, OrderKey
from page_objects.requests import PortalRequests, picked, pieces_of
from page_objects.site import Site

_GOOD = 200


@dataclass(frozen=True, slots=True)
class Tie:
    """What one answer of the portal says: this key is this order, and these are the keys of its parts."""

    key: str
    order_id: str
    parts: tuple[tuple[str, str], ...]


class KeyedPage:
    """Ties the key in an order page's address to the order, by the answers that the page itself was made from."""

    def __init__(self, site: Site, profile: OrderKey, url: str) -> None:
        self._site = site
        self._profile = profile
        self._rules = PortalRequests(site.profile, site.account)
        self._address = re.compile(re.escape(site.address(url)).replace(re.escape(KEY_IN_URL), "([^/?#]+)") + "/?")

    def key(self) -> str:
        """Return the key in the address of the page that is open now.

        Raises:
            PageUnreadable: the address has none.
        """
        shown = re.split("[?#]", self._site.page.url)[0]
        found = self._address.fullmatch(shown)
        if found is None:
            raise PageUnreadable(f"the address {shown} holds no key of an order")
        return unquote(found[1])

    async def answered(self) -> bool:
        """Return whether the portal has answered for this page since something led to it."""
        return any(tie.key == self.key() for tie in await self._ties())

    async def tie(self, order_id: OrderId) -> Tie:
        """Return what ties the page that is open now to an order.

        Raises:
            PageUnreadable: no answer since the page was opened names the key of its address.
            WrongOrder: the answers tie the key to another order, or the order to another key.
        """
        key, ties = self.key(), await self._ties()
        ours = [tie for tie in ties if tie.key == key]
        if not ours:
            raise PageUnreadable(f"no answer of the portal says which order {key} is")
        for tie in ties:
            if (tie.key == key) is not (tie.order_id == order_id):
                raise WrongOrder(f"asked for order {order_id} at {key}, the portal answers {tie.order_id} at {tie.key}")
        # An answer may tell of the order's state only, without its parts: they are as they were named last.
        parts = {name: tuple(pair for pair in tie.parts if pair[0] == name) for tie in ours for name, _ in tie.parts}
        return Tie(key, order_id, tuple(pair for name in sorted(parts) for pair in parts[name]))

    async def _ties(self) -> list[Tie]:
        found = [await self._tie_in(response) for response in list(self._site.answers) if self._tells(response)]
        return [tie for tie in found if tie is not None]

    def _tells(self, response: Response) -> bool:
        """Return whether an answer is one to the request that the profile trusts to tell."""
        request = response.request
        seen = SeenRequest(
            request.method, request.url, request.headers, request.post_data_buffer, request.resource_type,
            request.is_navigation_request(),
        )  # fmt: skip
        return response.status == _GOOD and self._rules.classify(seen) == Read(self._profile.request)

    async def _tie_in(self, response: Response) -> Tie | None:
        try:
            async with asyncio.timeout(self._site.profile.arrive_s):
                data = json.loads(await response.body())
        except (PlaywrightError, TimeoutError, ValueError):
            return None  # what was not understood ties nothing
        key, order_id = (_word(picked(data, path)) for path in (self._profile.key, self._profile.order_id))
        if not key or not order_id:
            return None
        parts = [(name, word) for name, path in self._profile.parts.items() for word in _all_words(data, path)]
        for name, line in self._profile.lines.items():
            keys, quantities = _all_words(data, line.key), _all_words(data, line.quantity)
            if len(keys) != len(quantities):
                return None  # which quantity is whose cannot be told
            parts += [(name, pieces_of(*pair)) for pair in zip(keys, quantities, strict=True)]
        return Tie(key, order_id, tuple(parts))


def _all_words(data: object, path: str) -> Sequence[str]:
    """Return the words at a dotted path that leads through lists."""
    found = [data]
    for part in path.split("."):
        rows = [row for each in found for row in (each if isinstance(each, list) else [each])]
        found = [row[part] for row in rows if isinstance(row, Mapping) and part in row]
    return [word for word in map(_word, found) if word]


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
