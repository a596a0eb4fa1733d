"""Orders that a rule has asked for: whether they still are what the rule looks for."""

from agent.domain.acts import ActKind, End, Verdict
from agent.domain.cases import Outcome
from agent.domain.rules import shown_by
from scenarios.common import ENDING_ACTS, over_or_untouchable
from scenarios.facts import Facts


def left_by_rule(facts: Facts) -> Verdict | None:
    """Return the end of a case whose order does not fit its rule, read fresh; None where it does, or has no rule.

    What has begun under the rule goes on by its own path, whatever the order looks like by now.
    """
    if facts.rule is None or facts.did(*ENDING_ACTS, ActKind.AGREE_RETURN):
        return None
    common = over_or_untouchable(facts)
    if common is not None:
        return common
    for finding in facts.rule.findings(shown_by(facts.order), facts.now):
        if not finding.holds:
            return End(Outcome.NOT_ELIGIBLE, f"rule {facts.rule.name} leaves it out: {finding.text}")
    return None
