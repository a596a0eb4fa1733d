"""What login does: sign in with the password if that is enough, else let a person do it in a window."""

import asyncio

from agent.app import App, keep_session, open_session
from agent.cli.call import Call
from agent.cli.display import has_display
from agent.cli.exits import FINE
from agent.cli.opened import opened
from agent.cli.screen import Screen
from agent.engine.lane import Lane, ShopSession
from agent.engine.shop_run import Mode, ShopRun
from agent.errors import Arrival, ConfigError, ElementMissing, HumanCheck, PageChanged, SignedOut, Transient

_PATIENCE_S = 600


def sign_in_by_hand(call: Call, shop: str) -> int:
    """Open a shop's portal until it is signed in, and keep the session; return the exit code.

    Raises:
        ConfigError: the settings are wrong.
        ShopBusy: a live run holds the shop.
        SignedOut, HumanCheck: nobody could sign in; without a display nobody can.
    """
    with opened(call) as (app, screen), app.hold(shop):
        run = app.shop_run(shop, run_id="login", mode=Mode.PLAN)
        asyncio.run(_sign_in(app, screen, run))
        screen.line(screen.voice.say("signed_in", shop=shop))
    return FINE


async def _sign_in(app: App, screen: Screen, run: ShopRun) -> None:
    by_hand = has_display()
    async with open_session(app, run, headed=by_hand) as session:
        lane = await session.new_lane()
        try:
            await _with_password(session, lane)
        except (SignedOut, HumanCheck, PageChanged, ConfigError):
            if not by_hand:
                raise
            screen.tell("sign_in_here")
            await _by_person(lane)
        if await keep_session(app, run, session) is None:
            screen.tell("session_not_kept")


async def _with_password(session: ShopSession, lane: Lane) -> None:
    try:
        await lane.site.open(lane.site.profile.pages.list)
    except SignedOut:
        await session.sign_in(lane, seen_epoch=session.epoch)


async def _by_person(lane: Lane) -> None:
    """Wait until the list of orders opens; look again whenever the person has got somewhere.

    Raises:
        SignedOut: they did not in time, or closed the window.
    """
    moved = asyncio.Event()
    lane.page.on("framenavigated", lambda _frame: moved.set())
    lane.page.on("close", lambda _page: moved.set())
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not await _orders_show(lane):
                if lane.page.is_closed():
                    raise SignedOut("the window was closed before the portal was signed in")
                await moved.wait()
                moved.clear()
    except TimeoutError:
        raise SignedOut(f"nobody signed in within {_PATIENCE_S // 60} minutes") from None


async def _orders_show(lane: Lane) -> bool:
    try:
        await lane.site.check()  # where a login or a check is shown, the person is not to be disturbed
        await lane.site.open(lane.site.profile.pages.list)
    except (Arrival, ElementMissing, Transient):
        return False  # not yet, or the person went on meanwhile
    return True
