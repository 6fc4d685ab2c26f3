"""All saboteurs, with the rule that must catch each of them."""

from __future__ import annotations

from typing import Final

from infra.simulation.faults import Fault, Profile
from infra.simulation.saboteurs import adapters, batches, documents, kinds, services, workers
from infra.simulation.saboteurs.saboteur import Saboteur

S = Saboteur

CALM: Final = Profile()
LATE: Final = Profile(calls={Fault.LATE: 0.2})
INVALID: Final = Profile(calls={Fault.INVALID: 0.2})
THROTTLED: Final = Profile(calls={Fault.THROTTLED: 0.2})
FAILED: Final = Profile(calls={Fault.FAILED: 0.4})
CRASHES: Final = Profile(calls={Fault.CRASH_BEFORE: 0.05, Fault.CRASH_AFTER: 0.05})
LOST: Final = Profile(calls={Fault.CRASH_BEFORE: 0.5}, deliveries={Fault.REPEATED: 0.5})
DELAYS: Final = Profile(deliveries={Fault.DELAYED: 0.7})
STRANGERS: Final = Profile(intervals={Fault.UNREADABLE: 5})
OVERWRITTEN: Final = Profile(intervals={Fault.OVERWRITTEN: 30})
MODEL_FAILS: Final = Profile(intervals={Fault.MODEL_FAILS: 20})
MODEL_SLOW: Final = Profile(intervals={Fault.MODEL_SLOW: 20})

SABOTEURS: Final = (
    S("finishes without a condition", "final rows stay", "store", adapters.FinishesAnyway),
    S("reports without a condition", "final rows stay", "store", adapters.ReportsAnyway),
    S("puts rows without a condition", "final rows stay", "store", adapters.PutsAnyway, LATE),
    S("overwrites the input", "accepted tasks exist", "store", adapters.LosesInput),
    S("deletes rows too early", "accepted tasks exist", "service", services.expires_too_early),
    S("keeps rows too long", "accepted tasks are found", "service", services.keeps_too_long),
    S("reports percents", "progress is plausible", "store", adapters.ReportsMuch),
    S("reads stale rows", "reads are current", "store", adapters.ReadsStale),
    S("raises AWS errors", "answers are documented", "store",
      adapters.DoesNotTranslate, THROTTLED),
    S("repeats what is invalid", "answers are documented", "store", adapters.HopesInVain, INVALID),
    S("mixes owners in a group", "strangers see nothing", "queue", adapters.Ungrouped),
    S("sends ten messages at most", "accepted tasks end", "queue", adapters.SendsFirstTen, CALM),
    S("sends before it puts", "rows come before messages", "service", services.SendsFirst),
    S("sends no message", "accepted tasks end", "service", services.SendsNothing),
    S("repairs no crash", "accepted tasks end", "service", services.SendsOnlyNewTasks, CRASHES),
    S("forgets keys", "keys stand for their tasks", "service", services.ForgetsKeys),
    S("shares keys among owners", "keys stand for their tasks", "service", services.SharesKeys),
    S("forgets bodies", "other bodies are refused", "service", services.ForgetsBodies),
    S("cancels without writing", "cancels hold", "service", services.CancelsInMind),
    S("cancels what is final", "cancels hold", "service", services.CancelsAnyway),
    S("retries with every click", "retries are one task", "service", services.RetriesEachTime),
    S("retries what succeeded", "retries are one task", "service", services.RetriesAnything),
    S("retries in another lane", "retries are one task", "service", services.RetriesInBulk),
    S("mixes up a batch", "batches are whole", "batches", batches.Reverses),
    S("loses a task of a batch", "batches are whole", "batches", batches.LosesLast),
    S("cancels a part of a batch", "cancelled batches end", "batches", batches.CancelsFirst),
    S("cancels a batch without writing", "cancelled batches end", "batches",
      batches.CancelsInMind),
    S("cancels what it reads", "outcomes have reasons", "batches",
      batches.CancelsOnRead),
    S("lists without a shard", "lists are complete", "store", adapters.ForgetsShard),
    S("loses a task between pages", "lists are complete", "task_list", batches.SkipsOne),
    S("lists the tasks of others", "lists are complete", "service", services.lists_all),
    S("shows tasks to strangers", "strangers see nothing", "service", services.ShowsToStrangers),
    S("gives documents to strangers", "strangers see nothing", "document_name",
      services.any_key, CALM),
    S("reads other folders", "strangers see nothing", "document_name", services.any_folder, CALM),
    S("forgets the lines of a request", "outcomes have reasons", "inline_document",
      services.ForgetsLines.of, CALM),
    S("ends tasks early", "deadlines hold", "service", services.EndsEarly, CALM),
    S("ignores deadlines", "reads are current", "service", services.IgnoresDeadlines, DELAYS),
    S("estimates zero", "estimates are useful", "service", services.EstimatesNothing, CALM),
    S("reads what it wrote", "calls are few", "service", services.ReadsAlways),
    S("does nothing", "messages outlive their work", "worker", workers.Idle),
    S("acknowledges nothing", "nothing fails in calm", "worker", workers.KeepsAll, CALM),
    S("deletes unreadable messages", "unreadable messages are kept", "worker",
      workers.DeletesUnreadable, STRANGERS),
    S("deletes unfinished messages", "messages outlive their work", "worker",
      workers.DeletesUnwritten, FAILED),
    S("schedules no retry", "transient failures are retried", "worker",
      workers.ForgetsRetries, MODEL_FAILS),
    S("ignores its timeout", "time suffices", "worker", workers.NeverHurries, MODEL_SLOW),
    S("works after the deadline", "deadlines hold", "worker", workers.WorksLate, DELAYS),
    S("trusts every message", "invocations end well", "worker", workers.Trusts, STRANGERS),
    S("reads before it writes", "calls are few", "worker", workers.ReadsFirst),
    S("counts one attempt", "attempts are counted", "worker", workers.CountsOneAttempt, CRASHES),
    S("mixes up tasks", "results are right", "worker", workers.MixesTasks),
    S("fails a batch together", "outcomes have reasons", "drinks", workers.FailsTogether, CALM),
    S("gives up a batch", "failed batches are halved", "drinks", workers.GivesUp, CALM),
    S("seeks poison one by one", "poison fails alone", "drinks", workers.SearchesOneByOne, CALM),
    S("drops half of a batch", "invocations end well", "drinks", workers.DropsHalf),
    S("uses up others' attempts", "outcomes have reasons", "drinks",
      workers.UsesUpLastAttempts, MODEL_FAILS),
    S("drops the part of a kind", "parts are whole", "drinks", kinds.DropsParts, CALM),
    S("gives one kind's part to another", "results are right", "drinks", kinds.SwapsParts, CALM),
    S("fails a kind with an answer", "failed parts have reasons", "drinks",
      kinds.FailsAPart, CALM),
    S("fails all kinds with one", "one kind fails no other", "drinks",
      kinds.FailsAllParts, MODEL_FAILS),
    S("retries no single kind", "kinds are retried together", "drinks",
      kinds.RetriesNoPart, MODEL_FAILS),
    S("retries at once", "retries are on time", "retries", workers.RetriesAtOnce, MODEL_FAILS),
    S("retries slowly", "retries are on time", "retries", workers.RetriesSlowly, MODEL_FAILS),
    S("retries for ever", "retries are on time", "retries", workers.RetriesForever, MODEL_FAILS),
    S("never retries", "outcomes have reasons", "retries", workers.NeverRetries, MODEL_FAILS),
    S("charges each task for all", "receipts add up", "meter", workers.ChargesEachForAll),
    S("charges half", "receipts add up", "meter", workers.ChargesHalf),
    S("charges less than nothing", "receipts add up", "meter", workers.ChargesLessThanNothing),
    S("ignores exclusions", "exclusions hold", "answer_with", workers.ignores_exclusions),
    S("ignores groups", "exclusions hold", "answer_with", workers.ignores_groups),
    S("names another model", "results are right", "answer_with", workers.names_another_model),
    S("reaper does nothing", "messages outlive their work", "reaper", workers.IdleReaper, LOST),
    S("reaper deletes unreadable messages", "unreadable messages are kept", "reaper",
      workers.ReaperDeletesUnreadable, STRANGERS),
    S("reaper reports success", "results are right", "reaper", workers.ReaperSucceeds, LOST),
    S("waits for the deadline", "nothing fails in calm", "document_processor",
      documents.WaitsForTheDeadline, CALM),
    S("loses lines", "documents are whole", "reader", documents.LosesLines, CALM),
    S("repeats lines", "documents are whole", "reader", documents.RepeatsLines, CALM),
    S("forgets earlier parts", "documents are whole", "reader", documents.ForgetsParts, CALM),
    S("counts no errors", "documents are whole", "reader", documents.CountsNoErrors, CALM),
    S("reads any version", "documents are whole", "documents",
      adapters.ReadsAnyVersion, OVERWRITTEN),
    S("hands over for ever", "hand overs are few", "reader", documents.HandsOverForever, CALM),
    S("hands over before it reads", "hand overs are few", "reader",
      documents.HandsOverFirst, CALM),
    S("gives up a long document", "outcomes have reasons", "reader",
      documents.GivesUpEarly, CALM),
    S("continues no document", "messages outlive their work", "reader",
      documents.DoesNotContinue, CALM),
)  # fmt: skip
