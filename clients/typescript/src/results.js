/**
 * Tasks and their results. Fields have the names of the API, and those that a response lacks have
 * their defaults.
 *
 * @module
 */

/** @import { BatchStatus, DocumentProgress, DocumentResults, Failure, JsonObject, Part } from "./types.js" */
/** @import { Metadata, Receipt, Status, Suggestion, Timings, Understood } from "./types.js" */

/** @type {readonly unknown[]} */
const STATUSES = ["PROCESSING", "SUCCESS", "FAIL", "CANCELLED"];

/** A task and its status. */
export class Task {
  /**
   * @param {any} body the JSON object of a response
   * @throws {TypeError} if it is not a task
   */
  constructor(body) {
    if (typeof body.task_id !== "string" || !STATUSES.includes(body.status)) {
      throw new TypeError("This is not a task.");
    }
    /** @type {string} */
    this.task_id = body.task_id;
    /** @type {Status} */
    this.status = body.status;
    /**
     * The id for `batch`, if the task was submitted now and together with others.
     * @type {string | null}
     */
    this.batch_id = null;
  }

  /** Whether the task has ended; a final status never changes. */
  get isFinal() {
    return this.status !== "PROCESSING";
  }
}

/** The result of a task; until it ends, only its id, its status and maybe `progress` are set. */
export class Result extends Task {
  /**
   * @param {any} body the JSON object of a response
   * @throws {TypeError} if it is not a result
   */
  constructor(body) {
    super(body);
    const answer = answerOf(body);
    /** The name to add. For the kind `complete`, several names, separated by `;`. */
    this.result = answer.result;
    this.suggestions = answer.suggestions;
    /** The answer of any kind but `next` and `complete`. */
    this.output = answer.output;
    /** What was understood of the `text` of the request. */
    this.understood = answer.understood;
    this.error = answer.error;
    /** The answers to several kinds, by kind. */
    this.parts = partsOf(body);
    /** @type {string | readonly string[] | null} */
    this.kind = body.kind ?? null;
    /** @type {number} */
    this.attempts = body.attempts ?? 0;
    /** @type {Timings | null} */
    this.timings = body.timings ?? null;
    /** @type {string | null} */
    this.model = body.model ?? null;
    /** @type {Receipt | null} */
    this.receipt = body.receipt ?? null;
    /** @type {DocumentResults | null} */
    this.document = body.document ?? null;
    /** @type {Metadata | null} */
    this.metadata = body.metadata ?? null;
    /** @type {DocumentProgress | null} */
    this.progress = body.progress ?? null;
  }

  /** The names to add, in order. */
  get names() {
    return this.status === "SUCCESS" && this.result ? this.result.split(";") : [];
  }

  /** The reasons why some of several kinds have no answer, by kind. */
  get failedParts() {
    return failuresOf(this.parts);
  }
}

/** The tasks of an array, with their results in its order; some may be PROCESSING. */
export class Batch {
  /**
   * @param {any} body the JSON object of a response
   * @throws {TypeError} if it is not a batch
   */
  constructor(body) {
    /** @type {string} */
    this.batch_id = body.batch_id;
    /** @type {BatchStatus["counts"]} */
    this.counts = body.counts;
    /**
     * Seconds until the last task may be done; 0 if all have ended.
     * @type {number}
     */
    this.expected_wait = body.expected_wait;
    this.results = Array.from(body.results, (result) => new Result(result));
  }

  /** Whether all tasks have ended. */
  get isFinal() {
    return this.results.every((result) => result.isFinal);
  }
}

/** A task in the list of tasks. */
export class ListedTask extends Task {
  /**
   * @param {any} body the JSON object of an entry
   * @throws {TypeError} if it is not a task
   */
  constructor(body) {
    super(body);
    /**
     * Null for a document.
     * @type {string | readonly string[] | null}
     */
    this.kind = body.kind;
    /**
     * A time such as 2026-11-27T15:00:00Z.
     * @type {string}
     */
    this.submitted_at = body.submitted_at;
    /** @type {Failure | null} */
    this.error = body.error ?? null;
    /** @type {Metadata | null} */
    this.metadata = body.metadata ?? null;
  }
}

/** The result of one line of a document. Line numbers start at 1. */
export class LineResult {
  /**
   * @param {any} body the JSON object of a line
   * @throws {TypeError} if it is not the result of a line
   */
  constructor(body) {
    if (!Number.isInteger(body.line)) throw new TypeError("This is not the result of a line.");
    const answer = answerOf(body);
    /** @type {number} */
    this.line = body.line;
    this.result = answer.result;
    this.suggestions = answer.suggestions;
    this.output = answer.output;
    this.understood = answer.understood;
    this.error = answer.error;
    this.parts = partsOf(body);
  }

  /** The reasons why some of several kinds have no answer, by kind. */
  get failedParts() {
    return failuresOf(this.parts);
  }
}

/**
 * @param {any} body
 * @returns {Part}
 */
function answerOf(body) {
  /** @type {readonly Suggestion[]} */
  const suggestions = body.suggestions ?? [];
  /** @type {JsonObject | null} */
  const output = body.output ?? null;
  /** @type {Understood | null} */
  const understood = body.understood ?? null;
  /** @type {Failure | null} */
  const error = body.error ? { retryable: false, ...body.error } : null;
  return { result: body.result ?? "", suggestions, output, understood, error };
}

/**
 * @param {any} body
 * @returns {Readonly<Record<string, Part>>}
 */
function partsOf(body) {
  const parts = Object.entries(body.parts ?? {});
  return Object.fromEntries(parts.map(([kind, part]) => [kind, answerOf(part)]));
}

/**
 * @param {Readonly<Record<string, Part>>} parts
 * @returns {Record<string, Failure>}
 */
function failuresOf(parts) {
  /** @type {Record<string, Failure>} */
  const failures = {};
  for (const [kind, part] of Object.entries(parts)) if (part.error) failures[kind] = part.error;
  return failures;
}
