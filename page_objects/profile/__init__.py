"""The profile format: one back office described as data. Unknown keys are errors; a profile holds no code."""

from page_objects.profile.acts import ActVariant
from page_objects.profile.detail_page import (
    DETAIL_FIELDS,
    NEEDED_FIELDS,
    Blocks,
    DetailPage,
    Menu,
    MoneyTable,
    PaymentBlocks,
)
from page_objects.profile.forms import FieldKind, Form, FormField
from page_objects.profile.list_page import ListFilter, ListPage, QueuePages
from page_objects.profile.order_key import KEY_IN_URL, ORDER_KEY, OrderKey
from page_objects.profile.page import Page, Table
from page_objects.profile.pages import SKU_IN_URL, ReviewsPage, StockPage, ThreadPage, TicketsPage, TicketTalk
from page_objects.profile.requests import ORDER_IN_PATH, BodyKind, RequestRule, Rows, Sign
from page_objects.profile.signals import Popup, Signal
from page_objects.profile.targets import AMOUNT_IN_NAME, Target
from page_objects.profile.whole import Profile, raw_entries
from page_objects.profile.words import AXES, HARMLESS

__all__ = [
    "AMOUNT_IN_NAME",
    "AXES",
    "DETAIL_FIELDS",
    "HARMLESS",
    "KEY_IN_URL",
    "NEEDED_FIELDS",
    "ORDER_IN_PATH",
    "ORDER_KEY",
    "SKU_IN_URL",
    "ActVariant",
    "Blocks",
    "BodyKind",
    "DetailPage",
    "FieldKind",
    "Form",
    "FormField",
    "ListFilter",
    "ListPage",
    "Menu",
    "MoneyTable",
    "OrderKey",
    "Page",
    "PaymentBlocks",
    "Popup",
    "Profile",
    "QueuePages",
    "RequestRule",
    "ReviewsPage",
    "Rows",
    "Sign",
    "Signal",
    "StockPage",
    "Table",
    "Target",
    "ThreadPage",
    "TicketTalk",
    "TicketsPage",
    "raw_entries",
]
