"""Guards of the product, switched off from outside, to see that the judge notices."""

from collections.abc import Callable, Mapping
from typing import Any

from agent.domain.judge import Judgement
from agent.engine import act, settle


def _forget_what_was_sent() -> None:
    """Take every act that an earlier life has released for one that never left, and do not look before sending."""
    look = act._is_there_already

    async def nothing_there(run: Any, meant: Any) -> bool:
        await look(run, meant)  # it also leads to the page on which the act is done
        return False

    _replace(settle, "judge", lambda *_args, **_more: Judgement.NOT_DONE)
    _replace(act, "_is_there_already", nothing_there)


def _let_anything_out() -> None:
    """Release whatever request the page sends, for whichever order."""
    _replace(act, "mismatch", lambda *_args: None)


def _replace(module: Any, name: str, function: Callable[..., Any]) -> None:
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name} any more: this guard is somewhere else now")
    setattr(module, name, function)


SABOTAGE: Mapping[str, Callable[[], None]] = {
    "memory": _forget_what_was_sent,
    "comparison": _let_anything_out,
}
