"""The parameters that several commands share, and the words that they take."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Shop = Annotated[str, typer.Option("--shop", metavar="SHOP", help="The shop, as the settings name it.")]
AnyShop = Annotated[str | None, typer.Option("--shop", metavar="SHOP", help="Only this shop; else every shop.")]
CaseWord = Annotated[str, typer.Argument(metavar="CASE", help="A case id, or the order's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout instead of a table.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="A note that is kept with the case.")]
As = Annotated[str, typer.Option("--as", metavar="NAME", help="Who decides; not who asked for the case.")]
Lanes = Annotated[
    int | None, typer.Option("--lanes", min=1, max=16, metavar="N", help="How many orders are worked at once.")
]
Rehearse = Annotated[bool, typer.Option("--rehearse", help="Go up to the last click of each order; send nothing.")]
RequestFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="CSV, XLSX or JSON Lines: order_id, reason, consent, note."),
]
ByRule = Annotated[
    str | None, typer.Option("--rule", metavar="NAME", help="Instead of a file: the orders that this rule finds.")
]


class Language(StrEnum):
    """What closewright speaks to its operator."""

    ZH = "zh"
    EN = "en"


class Skin(StrEnum):
    """What the mock portal looks like."""

    WORKBENCH = "workbench"
    CLASSIC = "classic"
    LIT = "lit"
