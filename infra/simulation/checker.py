"""The checker: applies all rules to the history of a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.simulation.rules import (
    batches,
    deliveries,
    documents,
    kinds,
    lists,
    messages,
    outcomes,
    requests,
    rows,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from infra.simulation.rules.facts import Facts, Violation

    Rule = Callable[[Facts], Iterator[Violation]]

RULES: Final[Mapping[str, Rule]] = {
    rule.__name__.replace("_", " "): rule
    for rule in (
        rows.final_rows_stay,
        rows.accepted_tasks_exist,
        rows.accepted_tasks_end,
        rows.rows_come_before_messages,
        rows.deadlines_hold,
        outcomes.results_are_right,
        outcomes.exclusions_hold,
        outcomes.outcomes_have_reasons,
        outcomes.nothing_fails_in_calm,
        outcomes.attempts_are_counted,
        outcomes.receipts_add_up,
        kinds.parts_are_whole,
        kinds.failed_parts_have_reasons,
        kinds.one_kind_fails_no_other,
        kinds.kinds_are_retried_together,
        requests.cancels_hold,
        requests.reads_are_current,
        requests.accepted_tasks_are_found,
        requests.keys_stand_for_their_tasks,
        requests.retries_are_one_task,
        requests.other_bodies_are_refused,
        requests.strangers_see_nothing,
        requests.answers_are_documented,
        requests.estimates_are_useful,
        batches.batches_are_whole,
        batches.cancelled_batches_end,
        lists.lists_are_complete,
        messages.messages_outlive_their_work,
        messages.unreadable_messages_are_kept,
        messages.retries_are_on_time,
        messages.transient_failures_are_retried,
        deliveries.final_tasks_are_delivered,
        deliveries.attempts_follow_the_schedule,
        deliveries.attempts_under_way_are_listed,
        deliveries.gone_receivers_are_left_alone,
        deliveries.deliveries_wait_for_the_end,
        deliveries.ended_deliveries_stay,
        deliveries.bodies_are_results,
        deliveries.redeliveries_start_again,
        documents.documents_are_whole,
        documents.hand_overs_are_few,
        documents.progress_is_plausible,
        work.invocations_end_well,
        work.time_suffices,
        work.poison_fails_alone,
        work.failed_batches_are_halved,
        work.calls_are_few,
    )
}


def check(facts: Facts) -> dict[str, list[Violation]]:
    """Return the violations of each rule that is violated."""
    found = {name: list(rule(facts)) for name, rule in RULES.items()}
    return {name: violations for name, violations in found.items() if violations}
