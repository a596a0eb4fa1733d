"""Visitors who use a portal over plain HTTP, in any skin, and know the truth behind it."""

import re
from typing import Any

import httpx

from fixtures.mock_portal.server import Running

TOKEN = re.compile(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"')
CODE = re.compile(r"错误代码：<code>([^<]+)</code>")
API = {
    "close": "/api/order/close",
    "memo": "/api/order/memo",
    "refund": "/api/refund/apply",
    "refund-agree": "/api/refund/agree",
    "refund-refuse": "/api/refund/refuse",
    "return-agree": "/api/return/agree",
    "return-receive": "/api/return/receive",
    "dispute": "/api/dispute/open",
    "message": "/api/message/send",
    "ticket": "/api/ticket/create",
    "ticket-reply": "/api/ticket/reply",
    "review-answer": "/api/review/answer",
    "stock": "/api/goods/stock/set",
}
CALLS = {
    "close": "order.close",
    "memo": "order.memo",
    "refund": "refund.apply",
    "refund-agree": "refund.agree",
    "refund-refuse": "refund.refuse",
    "return-agree": "return.agree",
    "return-receive": "return.receive",
    "dispute": "dispute.open",
    "message": "message.send",
    "ticket": "ticket.create",
    "ticket-reply": "ticket.reply",
    "review-answer": "review.answer",
    "stock": "stock.set",
}
PAGES = {"classic": "/service?orderId=1", "workbench": "/trade/list", "lit": "/console/orders"}
FORMS = {
    "message": "/chat/send",
    "ticket": "/service/new",
    "ticket-reply": "/service/reply",
    "stock": "/goods/stock/edit",
}
UPLOADS = {"dispute", "ticket", "ticket-reply"}
Order = dict[str, Any]


class Visitor:
    """A person at one account, without a browser, who also knows the truth."""

    def __init__(self, portal: Running, account: str = "seller") -> None:
        self.portal = portal
        self.skin = portal.portal.settings.skin
        self.http = httpx.Client(base_url=portal.url, trust_env=False, timeout=10)
        self.sign_in(account)

    def sign_in(self, account: str = "seller", password: str = "demo") -> httpx.Response:  # noqa: S107 - it is the demo's
        """Sign in, and read the form token of the new session."""
        token = TOKEN.search(self.http.get("/login").text)
        fields = {"username": account, "password": password, "csrf_token": token[1] if token else ""}
        answer = self.http.post("/login", data=fields)
        page = self.http.get(PAGES[self.skin]).text
        token = TOKEN.search(page)
        self.token = token[1] if token else ""
        return answer

    def truth(self, order_id: str) -> Order:
        """Return one order as it really is."""
        return self.http.get(f"/_mock/orders/{order_id}").json()

    def orders(self, **wanted: Any) -> list[Order]:
        """All orders with these values that nothing special is the matter with, unless asked for."""
        plain = {
            "frozen": False,
            "disputed": False,
            "trade_type": "escrow",
            "refund_state": "",
            "partly_shipped": False,
        }
        wanted = plain | wanted
        found = self.http.get("/_mock/orders").json()["orders"]
        return [order for order in found if all(order[key] == value for key, value in wanted.items())]

    def unpaid(self) -> str:
        """Return the id of a plain unpaid order."""
        return self.orders(state="waitbuyerpay", pay_state="1")[0]["order_id"]

    def paid(self, button: str = "close") -> Order:
        """Return a plain paid order with this way out."""
        return self.orders(state="waitsellersend", button=button)[0]

    def shipped(self) -> Order:
        """Return a plain shipped order."""
        return self.orders(state="waitbuyerreceive")[0]

    def stock(self) -> dict[str, int]:
        """Return how many pieces of each SKU can really be sold."""
        return {good["sku"]: good["stock"] for good in self.http.get("/_mock/stock").json()["stock"]}

    def goods(self, query: str) -> dict[str, str]:
        """Return how many pieces of each SKU the page of the stock shows for a search."""
        if self.skin == "lit":
            rows = self.data(self.call("stock.search", keyword=query))["rows"]
        elif self.skin == "workbench":
            rows = self.data(self.http.get("/api/goods/stock", params={"sku": query}))["rows"]
        else:
            page = self.http.get("/goods/stock", params={"sku": query}).text
            return dict(re.findall(r'class="sku">([^<]*)</td><td class="stock">([^<]*)<', page))
        return {row["sku"]: str(row["stock"]) for row in rows}

    def ledger(self, order_id: str | None = None) -> list[tuple[str, str]]:
        """Return what happened and by whom, of one order or of all."""
        entries = self.http.get("/_mock/ledger").json()["ledger"]
        return [(one["what"], one["by"]) for one in entries if order_id in {None, one["order_id"]}]

    def tell(self, what: str, **body: Any) -> dict[str, Any]:
        """Post to the truth API."""
        answer = self.http.post(f"/_mock/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, name: str, order_id: str, **more: Any) -> None:
        """Switch one fault on for one order."""
        self.tell("faults", faults=[{"name": name, "orders": [order_id], **more}])

    def fired(self) -> int:
        """Return how often faults have fired."""
        return sum(one["fired"] for one in self.http.get("/_mock/faults").json()["faults"])

    def call(self, method: str, **params: Any) -> httpx.Response:
        """Make a call of the lit skin."""
        headers = {"X-CSRF-Token": self.token}
        return self.http.post("/rpc", json={"method": method, "params": params}, headers=headers)

    def data(self, answer: httpx.Response) -> dict[str, Any]:
        """Return what a read has answered, in the skins that answer with JSON."""
        return answer.json()["result" if self.skin == "lit" else "data"]

    def says(self, answer: httpx.Response) -> tuple[bool, dict[str, Any]]:
        """Return what the answer to an act says, and its toast, in the skins that answer with JSON."""
        body = answer.json()
        return ("result" in body, body["toast"]) if self.skin == "lit" else (body["success"], body["data"]["toast"])

    def list_page(self, **query: Any) -> httpx.Response:
        """Ask for a page of the list."""
        if self.skin == "lit":
            keyword = {"keyword": query["q"]} if "q" in query else {}
            return self.call("order.search", **{name: value for name, value in query.items() if name != "q"}, **keyword)
        path = "/trade/sold" if self.skin == "classic" else "/api/order/list"
        return self.http.get(path, params=query)

    def rows(self, **query: Any) -> list[str]:
        """Return the order ids that the list shows."""
        answer = self.list_page(**query)
        if self.skin == "classic":
            return re.findall(r'<tr data-order-id="(\d+)"', answer.text)
        return [row["orderId"] for row in self.data(answer)["rows"]]

    def detail(self, order_id: str) -> httpx.Response:
        """Ask for the detail page."""
        if self.skin == "lit":
            return self.call("order.get", order={"id": order_id})
        path = "/trade/order" if self.skin == "classic" else "/api/order/detail"
        return self.http.get(path, params={"orderId": order_id})

    def facts(self, order_id: str) -> dict[str, str]:
        """Return the labelled facts of the detail page."""
        answer = self.detail(order_id)
        if self.skin == "classic":
            return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", answer.text))
        data = self.data(answer)
        return dict(data["facts"]) | dict(data["refund"])

    def buttons(self, order_id: str) -> set[str]:
        """Return the labels in the action bar."""
        answer = self.detail(order_id)
        if self.skin == "classic":
            bar = answer.text.partition("<fieldset")[2].partition("</fieldset>")[0]
            return {label.strip() for label in re.findall(r">([^<]+)</(?:a|button)>", bar)}
        return {action["label"] for action in self.data(answer)["actions"]}

    def open_dialog(self, order_id: str) -> httpx.Response:
        """Open the dialog that closes an order."""
        if self.skin == "classic":
            return self.http.get("/trade/order/close", params={"orderId": order_id})
        if self.skin == "lit":
            return self.call("order.closeReasons", order={"id": order_id})
        headers = {"X-CSRF-Token": self.token}
        return self.http.post("/api/order/closeReasons", json={"orderId": order_id}, headers=headers)

    def post(self, act: str, order_id: str, *, files: Any = None, **fields: str) -> httpx.Response:
        """Submit an act and return the bare answer."""
        if self.skin == "lit":
            return self._lit_post(act, order_id, files, fields)
        fields = {"orderId": order_id, **fields}
        if self.skin == "classic":
            path = FORMS.get(act, f"/trade/order/{act}")
            return self.http.post(path, data={**fields, "csrf_token": self.token}, files=files)
        headers = {"X-CSRF-Token": self.token}
        if act in UPLOADS:
            parts = [(name, (None, value)) for name, value in fields.items()] + list(files or [])
            return self.http.post(API[act], files=parts, headers=headers)
        return self.http.post(API[act], json=fields, headers=headers)

    def _lit_post(self, act: str, order_id: str, files: Any, fields: dict[str, str]) -> httpx.Response:
        if act not in UPLOADS:
            given: dict[str, Any] = dict(fields)
            if "amount" in given:
                given["amountFen"] = fen(given.pop("amount"))
            if given.get("stock", "").isdecimal():
                given["stock"] = int(given["stock"])
            return self.call(CALLS[act], order={"id": order_id}, input=given)
        fields = {"method": CALLS[act], "orderId": order_id, **fields}
        parts = [(name, (None, value)) for name, value in fields.items()] + list(files or [])
        return self.http.put("/rpc/files", files=parts, headers={"X-CSRF-Token": self.token})

    def reviews(self, query: str = "") -> httpx.Response:
        """Ask for the reviews that a search finds."""
        if self.skin == "lit":
            return self.call("review.search", keyword=query)
        return self.http.get("/trade/reviews" if self.skin == "classic" else "/api/reviews", params={"q": query})

    def reviewed(self, query: str = "") -> list[str]:
        """Return the ids of the orders whose reviews are shown."""
        answer = self.reviews(query)
        if self.skin == "classic":
            return re.findall(r"<dt>订单号</dt><dd><a [^>]*>(\d+)</a>", answer.text)
        return [row["orderId"] for row in self.data(answer)["rows"]]

    def thread(self, kind: str, order_id: str) -> httpx.Response:
        """Ask for what was said about an order: as a `message`, or in a `ticket`."""
        if self.skin == "lit":
            return self.call(f"{kind}.list", order={"id": order_id})
        paths = {"message": ("/chat", "/api/chat"), "ticket": ("/service", "/api/tickets")}
        return self.http.get(paths[kind][self.skin != "classic"], params={"orderId": order_id})

    def act(self, act: str, order_id: str, *, files: Any = None, **fields: str) -> str:
        """Submit an act and return the portal's code; SUCCESS when it says that it was done."""
        answer = self.post(act, order_id, files=files, **fields)
        if self.skin == "workbench":
            return answer.json()["code"]
        if self.skin == "lit":
            return "SUCCESS" if answer.status_code == 200 else answer.json()["error"]["code"]
        if answer.status_code == 303 and answer.headers["location"].startswith("/login"):
            return "SIGNED OUT"
        if answer.status_code == 303:
            return "SUCCESS"
        code = CODE.search(answer.text)
        return code[1] if code else f"HTTP {answer.status_code}"

    def close(self, order_id: str, reason: str = "buyerCancel", remark: str = "") -> str:
        """Submit the closing of an order."""
        return self.act("close", order_id, closeReason=reason, remark=remark)

    def terms(self, order_id: str) -> dict[str, str]:
        """Return the terms of the open refund, as its dialogs send them."""
        refund = self.truth(order_id)["refund"]
        amount = money(refund["amount_fen"])
        return {"refundId": refund["refund_id"], "amount": amount, "version": str(refund["version"])}


def fen(text: str) -> int | str:
    """Return an amount as the lit skin sends it; what is no amount goes as it is."""
    yuan, _, rest = text.partition(".")
    return int(yuan) * 100 + int(rest) if yuan.isdigit() and rest.isdigit() and len(rest) == 2 else text


def money(fen: int) -> str:
    """Write an amount as the forms do."""
    return f"{fen // 100}.{fen % 100:02d}"
