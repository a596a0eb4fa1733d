"""The moments of a pass at which an agent is killed or frozen: names only, a plan needs nothing of the product."""

BOUNDARIES = (
    "found.before",  # an order is taken up; what an earlier life has left open is not looked at yet
    "found.after",
    "intent.before",
    "intent.after",  # committed
    "click.before",
    "click.after",
    "hold.before",
    "hold.after",  # our request waits at the wall
    "send.before",  # "releasing" is committed, and the request is still here: the one window
    "send.after",
    "answer.before",
    "answer.after",
    "proof.before",
    "proof.after",
    "record.before",
    "record.within",  # all is written, and the transaction is still open
    "manifest.before",  # the transaction is committed, and the file beside the evidence is not written yet
    "record.after",
    "wrong.held",  # a request for another order waits at the wall, judged and not dropped yet
)
