"""What people decide about a case, whatever it waits for: approval, and whether it goes on at all."""

from sqlalchemy import Connection

from agent.app import App
from agent.desk.endings import ended_as, given_up, must_be_open, must_be_settled
from agent.desk.records import decided_as, fresh, who, with_manifest, write_down
from agent.domain.cases import Case, Outcome
from agent.store import approvals, cases


def cancel(app: App, case: Case, *, note: str = "") -> Case:
    """End an open case because the operator no longer wants it.

    Raises:
        StoreError: it has ended, or an act of it is not settled.
        ShopBusy: a live run holds the shop.
    """
    with app.hold(case.shop):
        now = app.clock()

        def work(tx: Connection) -> Case:
            ended = given_up(tx, must_be_open(fresh(tx, case.case_id)), f"cancelled by {who(app)}", note)
            return write_down(tx, app, ended, kind="cancelled", body={"by": who(app), "note": note}, now=now)

        return with_manifest(app, app.db.write(work))


def reopen(app: App, case: Case) -> Case:
    """Make an ended case due again.

    Raises:
        StoreError: it has not ended, or its order has another open case.
    """
    now = app.clock()

    def work(tx: Connection) -> Case:
        return write_down(tx, app, cases.reopen(tx, case.case_id, now), kind="reopened", body={"by": who(app)}, now=now)

    return with_manifest(app, app.db.write(work))


def approve(app: App, case: Case, *, name: str) -> Case:
    """Say yes, as ``name``, to the exact terms that a case asks for; it is due now.

    Raises:
        StoreError: nothing is asked, the question has expired, or ``name`` has asked for the case.
    """
    now = app.clock()

    def work(tx: Connection) -> Case:
        decided = approvals.approve(tx, case.case_id, name=name, actor=app.actor, now=now)
        return decided_as(tx, app, decided, "approved", now)

    return with_manifest(app, app.db.write(work))


def reject(app: App, case: Case, *, name: str) -> Case:
    """Say no, as ``name``: the case ends as rejected.

    Raises:
        StoreError: nothing is asked, or the question has expired.
        ShopBusy: a live run holds the shop.
    """
    with app.hold(case.shop):
        now = app.clock()

        def work(tx: Connection) -> Case:
            must_be_settled(tx, fresh(tx, case.case_id))
            decided = approvals.reject(tx, case.case_id, name=name, actor=app.actor, now=now)
            ended = ended_as(fresh(tx, case.case_id), Outcome.REJECTED, f"not approved by {name}", by="approver")
            cases.save(tx, ended)
            return decided_as(tx, app, decided, "rejected", now)

        return with_manifest(app, app.db.write(work))
