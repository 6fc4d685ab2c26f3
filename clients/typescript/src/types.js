/**
 * The JSON values of requests and responses, with the names of the API.
 *
 * @module
 */

/** @typedef {{readonly [name: string]: unknown}} JsonObject */

/**
 * The status of a task. Every status except PROCESSING is final.
 * @typedef {"PROCESSING" | "SUCCESS" | "FAIL" | "CANCELLED"} Status
 */

/** @typedef {"interactive" | "bulk"} Priority */

/**
 * Up to 16 texts of the caller's, such as an order number, which the result repeats.
 * @typedef {Readonly<Record<string, string>>} Metadata
 */

/**
 * A half-built drink. The service chooses a value for each field that is missing.
 * @typedef {object} Drink
 * @property {readonly string[]} [ingredients] names or ids; none asks for a base
 * @property {string | readonly string[]} [kind] `next` (the default) suggests the best ingredient
 *   to add, `complete` what finishes the drink; several kinds share the fields
 * @property {number} [top_k] the number of suggestions; the kind `complete` has none
 * @property {number} [length] the number of ingredients in the finished drink, for `complete`
 * @property {readonly string[]} [exclude] names that must not be suggested, such as allergies, and
 *   groups of them such as `group:dairy`
 * @property {readonly string[] | null} [only] the only names that may be suggested
 * @property {number} [novelty] 0 for the usual to 1 for the surprising
 * @property {string} [text] a text such as a recipe, instead of `ingredients`
 * @property {boolean} [because] asks for the reason of each suggestion, for `next`
 * @property {Priority} [priority] `bulk` drinks wait in a queue of their own
 * @property {number} [deadline_seconds] the task fails if it is not finished by then
 * @property {Metadata} [metadata]
 */

/**
 * An input of any kind, with the fields of that kind as JSON values.
 * @typedef {{
 *   readonly kind: string | readonly string[],
 *   readonly priority?: Priority,
 *   readonly deadline_seconds?: number,
 *   readonly metadata?: Metadata,
 *   readonly [field: string]: unknown,
 * }} Input
 */

/** @typedef {Drink | Input} AnyInput */

/**
 * A known drink that supports a suggestion; drinks with the same ingredients are one with several
 * names.
 * @typedef {{readonly names: readonly string[]}} KnownDrink
 */

/**
 * Why an ingredient is suggested: its share of the vote of the known drinks, and some of them.
 * @typedef {{readonly share: number, readonly drinks: readonly KnownDrink[]}} Because
 */

/**
 * An ingredient to add, and its probability among all allowed ingredients.
 * @typedef {object} Suggestion
 * @property {string} ingredient
 * @property {number} probability
 * @property {Because | null} [because] the reason, if the request asks for it
 */

/**
 * The tasks of an array. `counts` has the number of tasks with each status.
 * @typedef {object} BatchStatus
 * @property {string} batch_id
 * @property {Readonly<Partial<Record<Status, number>>>} counts
 */

/**
 * A batch after its cancellation.
 * @typedef {BatchStatus & {cancelled: readonly string[]}} CancelledBatch `cancelled` has the ids of
 *   the tasks that are cancelled
 */

/**
 * An attempt of a delivery: the status of the receiver's answer, or why there was none.
 * @typedef {object} Attempt
 * @property {string} at a time such as 2026-11-27T15:00:00Z
 * @property {number | null} status
 * @property {string | null} reason
 */

/**
 * The delivery of a result to its webhook.
 * @typedef {object} Delivery
 * @property {string | null} webhook null if the task has none
 * @property {"PENDING" | "DELIVERED" | "FAILED" | null} state null if there is no delivery yet
 * @property {readonly Attempt[]} attempts in the order in which they began
 */

/**
 * An ingredient in a text, and where it is.
 * @typedef {object} IngredientInText
 * @property {string} ingredient
 * @property {number} start the position of its first character
 * @property {number} end the position after its last character
 * @property {number | null} quantity
 * @property {string | null} unit
 */

/**
 * A part of a text that looks like an ingredient, and was not understood.
 * @typedef {{readonly start: number, readonly end: number, readonly text: string}} UnknownInText
 */

/**
 * What was understood of a text.
 * @typedef {object} Understood
 * @property {readonly IngredientInText[]} ingredients
 * @property {readonly IngredientInText[]} excluded those that the text excludes, and groups such as `group:nuts`
 * @property {readonly UnknownInText[]} not_understood
 */

/**
 * The reason why a task or a line of a document failed.
 * @typedef {object} Failure
 * @property {string} type
 * @property {string} detail
 * @property {boolean} retryable whether submitting the same input again can help
 */

/**
 * The answer to one of several kinds, or the reason why there is none.
 * @typedef {object} Part
 * @property {string} result
 * @property {readonly Suggestion[]} suggestions
 * @property {JsonObject | null} output
 * @property {Understood | null} understood
 * @property {Failure | null} error
 */

/**
 * The duration of each step of a task in seconds; null if the task did not get that far.
 * @typedef {object} Timings
 * @property {number | null} queued
 * @property {number | null} computed
 * @property {number} total
 */

/**
 * The resources that a task used, and their cost in USD at the prices of `prices` (a month).
 * @typedef {object} Receipt
 * @property {readonly string[]} kinds those that were asked; for a document, those of its defaults
 * @property {number} batch_size
 * @property {string} engine
 * @property {number} gb_seconds
 * @property {number} aws_calls
 * @property {number} usd
 * @property {string} prices
 */

/**
 * The link to the results of a document's lines, valid for `expires_in` seconds.
 * @typedef {object} DocumentResults
 * @property {string} url
 * @property {number} expires_in
 * @property {number} lines
 * @property {number} answered
 * @property {number} failed
 */

/**
 * How far the service is with a document; `fraction` is from 0 to 1.
 * @typedef {object} DocumentProgress
 * @property {number} fraction
 * @property {number} lines
 * @property {number} answered
 * @property {number} failed
 */

/**
 * How an ingredient looks.
 * @typedef {object} Look
 * @property {string} shelf where a bar keeps it, such as `milk` or `spice`
 * @property {string} form
 * @property {string} colour such as `#f2b8c6`
 */

/**
 * An ingredient that the model knows. `base` ingredients may start a drink, `additive` ones may be
 * added to one.
 * @typedef {object} Ingredient
 * @property {string} id
 * @property {string} name
 * @property {readonly string[]} aliases its other names, in both languages
 * @property {boolean} base
 * @property {boolean} additive
 * @property {readonly string[] | null} contains the groups that it belongs to, such as `dairy`;
 *   null if the service has no data, and then it counts as a member of every group
 * @property {Look | null} look
 * @property {number | null} drinks the number of known drinks with it
 */

/**
 * A group that a drink can exclude.
 * @typedef {object} Group
 * @property {string} group the name for `exclude`, such as `group:dairy`
 * @property {number} ingredients the number of ingredients that are excluded with it
 */

/**
 * The load of a queue; `rate` and `expected_wait` are null until the service has measured them.
 * @typedef {object} QueueLoad
 * @property {number} depth the number of waiting tasks
 * @property {number} in_flight the number of tasks that workers have received
 * @property {number | null} rate completed tasks per second
 * @property {number | null} expected_wait seconds until a task that is submitted now is finished
 */

/**
 * The description of an error (RFC 9457).
 * @typedef {object} Problem
 * @property {string} type
 * @property {string} title
 * @property {number} status
 * @property {string} detail
 * @property {number} [index] the position of the refused input in an array
 * @property {readonly {readonly at: string, readonly detail: string}[]} [errors]
 * @property {readonly UnknownName[]} [unknown]
 * @property {string} [task_status] the final status of the task
 */

/**
 * A name that the service does not know, with the most similar known names.
 * @typedef {object} UnknownName
 * @property {string} name
 * @property {readonly string[]} nearest
 * @property {boolean} [alcohol] whether it is an alcoholic drink and the model has none
 */

/**
 * The options of a submission.
 * @typedef {object} SubmitOptions
 * @property {string | undefined} [idempotencyKey] a second call with the same inputs and the same key returns the
 *   same tasks
 * @property {boolean | undefined} [ignoreUnknown] leaves out unknown names, but never those of `exclude`, which
 *   may be allergies
 * @property {string | undefined} [webhook] the URL to which the service delivers the results when all tasks of a
 *   request have ended
 */

/**
 * When to retry a request after a lost connection and after the statuses 429, 502, 503 and 504. A
 * Retry-After header replaces the computed delay.
 * @typedef {object} Retries
 * @property {number} [attempts] the maximum number of attempts, the first one included; 4
 * @property {number} [firstDelay] the longest delay before the first retry in seconds, which
 *   doubles each time; 0.5
 * @property {number} [maxDelay] the longest delay in seconds, 30; a longer Retry-After ends the
 *   retries
 * @property {() => number} [random] returns the jitter, from 0 to 1
 */

/**
 * How many inputs of `answer` are done.
 * @typedef {object} RunProgress
 * @property {number} done the inputs with a final result, failed ones included
 * @property {number} failed the inputs without an answer
 * @property {number} total all inputs
 * @property {boolean} measured false while the service does not report the progress of a document
 */

export {};
