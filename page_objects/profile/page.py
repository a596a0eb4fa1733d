"""What pages are made of: an address and a sign that it has come, labelled facts, tables."""

from agent.domain.cases import Role
from page_objects.profile.strict import Strict, Words
from page_objects.profile.targets import Target


class Page(Strict):
    """A page: its address, its frame, and the element whose presence says that it has come."""

    url: str | dict[Role, str]  # where both roles do not share one address
    frame: str | None = None
    ready: Target

    def url_for(self, role: Role) -> str:
        """Return the address of the page for a role."""
        return self.url if isinstance(self.url, str) else self.url[role]


class Pairs(Strict):
    """Labelled facts on a page: as many labels as values, in the same order."""

    label: Target
    value: Target


class Table(Strict):
    """A table whose columns are known by their headings."""

    heading: Target
    cell: Target
    columns: dict[str, Words]
