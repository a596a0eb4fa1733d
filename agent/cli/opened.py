"""A command's application: settings read, log set up, database open, and closed again at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from agent.app import App
from agent.cli.call import Call
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.evidence.masking import Mask
from agent.log import set_up
from agent.settings import Settings, load

# What looks like a phone number is cut from the log of every portal; a profile's own patterns cut evidence.
_PRIVATE = (r"(?<!\d)1[3-9]\d{9}(?!\d)",)


def set_up_log(call: Call, screen: Screen) -> None:
    """Send the log to stderr, around whatever a progress bar draws there, and to the file that was named.

    Raises:
        ConfigError: the file cannot be written.
    """
    set_up(
        verbose=call.verbose,
        log_file=call.log_file,
        cut=Mask((), _PRIVATE).text,
        console=screen.note,
    )


@contextmanager
def opened(call: Call, *, as_json: bool = False, settings: Settings | None = None) -> Iterator[tuple[App, Screen]]:
    """Open what a command needs.

    Raises:
        ConfigError: settings, key or database are wrong.
        StoreError: a newer closewright has written the database.
    """
    screen = Screen(Voice(call.language), as_json=as_json)
    set_up_log(call, screen)
    app = App(settings or load(call.config))
    try:
        yield app, screen
    finally:
        app.close()
