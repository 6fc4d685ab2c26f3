/**
 * Answers many inputs: divides them into documents or arrays, submits these, several at a time, and
 * collects the results.
 *
 * @module
 */

import { forEach } from "./concurrency.js";
import { lines, submitBody, submitDocument } from "./documents.js";
import { DOCUMENT_LIMITS, REQUEST_LIMITS, split, toJson } from "./inputs.js";
import { isAboutInput, refusalOf } from "./refusals.js";
import { Result } from "./results.js";
import { ofRequest, result, serverWait, submitBatch, withKey } from "./tasks.js";

/** @import { LineResult } from "./results.js" */
/** @import { Session } from "./session.js" */
/** @import { AnyInput, DocumentProgress, RunProgress, SubmitOptions } from "./types.js" */

/** @typedef {{number: number, positions: number[]}} Batch the positions of one request's inputs */

/**
 * `deadline_seconds` and `metadata` are those of a document.
 * @typedef {SubmitOptions & {
 *   asDocument?: boolean | undefined,
 *   strict?: boolean,
 *   deadline_seconds?: number | undefined,
 *   metadata?: Readonly<Record<string, string>> | undefined,
 *   onProgress?: (progress: RunProgress) => unknown,
 * }} AnswerOptions
 */

const DEFAULT_WAIT = 600; // seconds
const BATCHES = 8; // in flight at a time
const FETCHES = 2; // requests for results of one batch at a time
const FIRST_WAIT = 2; // seconds for which a submission waits for its results

/**
 * Return a result for each input, after at most `wait` seconds of waiting.
 * @param {Session} session
 * @param {Iterable<AnyInput>} inputs
 * @param {AnswerOptions & {wait?: number, signal?: AbortSignal | undefined}} options
 */
export async function answer(session, inputs, { wait = DEFAULT_WAIT, signal, ...options }) {
  const until = session.transport.now() + wait;
  const answering = new Answering(session, [...inputs], until, options);
  answering.report();
  await forEach(answering.batches, BATCHES, signal, async (batch, either) =>
    answering.isDocument
      ? answering.answerDocument(batch, either)
      : answering.answerArray(batch, either),
  );
  return answering.allResults;
}

class Answering {
  /** @type {Map<number, Result>} final results, by the position of the input */
  #results = new Map();
  /** @type {Map<number, string>} ids of tasks, by the position of the input */
  #ids = new Map();
  /** @type {Map<number, DocumentProgress>} by the number of the batch */
  #progress = new Map();

  /**
   * @param {Session} session
   * @param {readonly AnyInput[]} inputs
   * @param {number} until
   * @param {AnswerOptions} options
   * @throws {TypeError} if a document shall ignore unknown names, tasks shall share a deadline or
   *   metadata, or the key is not valid
   */
  constructor(session, inputs, until, options) {
    const { asDocument, strict = false, onProgress, ...others } = options;
    const { deadline_seconds, metadata, ...submission } = others;
    const needsTasks = strict || submission.ignoreUnknown === true || !suitADocument(inputs);
    if (asDocument && submission.ignoreUnknown) {
      throw new TypeError("A document cannot ignore unknown names. Submit tasks instead.");
    }
    this.session = session;
    this.inputs = inputs;
    this.until = until;
    this.strict = strict;
    this.onProgress = onProgress;
    this.submission = withKey(submission);
    this.isDocument = asDocument ?? !needsTasks;
    if (!this.isDocument && (deadline_seconds ?? metadata) !== undefined) {
      throw new TypeError("These are tasks. Give the inputs a deadline and metadata instead.");
    }
    this.documentFields = { deadline_seconds, metadata };
    this.json = inputs.map((each) =>
      toJson(this.isDocument ? each : { ...each, priority: each.priority ?? "bulk" }),
    );
    this.batches = batchesOf(this.json, this.isDocument ? DOCUMENT_LIMITS : REQUEST_LIMITS);
  }

  /** A result for each input in order; an unfinished one has the status PROCESSING. */
  get allResults() {
    return this.inputs.map((_, position) => {
      const unfinished = { task_id: this.#ids.get(position) ?? "", status: "PROCESSING" };
      return this.#results.get(position) ?? new Result(unfinished);
    });
  }

  /**
   * @param {Batch} batch
   * @param {AbortSignal} signal
   */
  async answerDocument(batch, signal) {
    const task = await this.#submitDocument(batch, signal);
    for (const position of batch.positions) this.#ids.set(position, task.task_id);
    const onProgress = (/** @type {Result} */ { progress }) => {
      if (progress) this.#progress.set(batch.number, progress);
      this.report();
    };
    const options = { wait: this.#left, signal, ...(this.onProgress ? { onProgress } : {}) };
    const found = await result(this.session, task, options);
    if (found.status === "SUCCESS") {
      for await (const line of lines(this.session, found, { signal })) {
        const position = batch.positions[line.line - 1];
        if (position !== undefined)
          this.#results.set(position, this.#resultOfLine(found, line, position));
      }
    } else if (found.isFinal) {
      for (const position of batch.positions) this.#results.set(position, found);
    }
    this.#progress.delete(batch.number);
    this.report();
  }

  /**
   * Submit a small document in one request. If that is refused, or for a large one, upload it: an
   * earlier version of the service, or a line that would fail alone in a file, may be the reason.
   * @param {Batch} batch
   * @param {AbortSignal} signal
   */
  async #submitDocument(batch, signal) {
    const entries = batch.positions.map((position) => this.json[position] ?? "");
    const options = ofRequest(this.submission, batch.number);
    const own = toJson(this.documentFields).slice(1, -1);
    const body = `{"lines":[${entries.join(",")}]${own && `,${own}`}}`;
    if (new TextEncoder().encode(body).length <= REQUEST_LIMITS.bytes) {
      try {
        return await submitBody(this.session, body, options, signal);
      } catch (error) {
        if (!isAboutInput(error)) throw error;
      }
    }
    const defaults = this.documentFields;
    return submitDocument(this.session, entries.join("\n"), { ...options, defaults, signal });
  }

  /**
   * Submit an array; after a refusal, submit it again without the refused input.
   * @param {Batch} batch
   * @param {AbortSignal} signal
   */
  async answerArray(batch, signal) {
    const wait = serverWait(this.session, this.until, FIRST_WAIT);
    for (let open = this.#openOf(batch); open.length; open = this.#openOf(batch)) {
      try {
        const body = open.map((position) => this.json[position] ?? "");
        const options = ofRequest(this.submission, batch.number);
        const tasks = await submitBatch(this.session, body, options, { wait, signal });
        // Unless all are final, the response has only ids and statuses.
        const isComplete = wait > 0 && tasks.every((task) => task.isFinal);
        open.forEach((position, index) => this.#accept(position, tasks[index], isComplete));
        break;
      } catch (error) {
        const [position, failure] = refusalOf(error, open, this.strict);
        const refused = { task_id: "", status: "FAIL", error: failure };
        this.#results.set(position, new Result(refused));
      }
    }
    this.report();
    await forEach(this.#openOf(batch), FETCHES, signal, async (position, either) => {
      const options = { wait: this.#left, signal: either };
      this.#accept(
        position,
        await result(this.session, this.#ids.get(position) ?? "", options),
        true,
      );
      this.report();
    });
  }

  report() {
    const parts = [...this.#progress.values()];
    const sum = (/** @type {number[]} */ numbers) => numbers.reduce((all, each) => all + each, 0);
    const failed = [...this.#results.values()].filter(({ status }) => status !== "SUCCESS").length;
    this.onProgress?.({
      done: this.#results.size + sum(parts.map((each) => each.answered + each.failed)),
      failed: failed + sum(parts.map((each) => each.failed)),
      total: this.inputs.length,
      measured: !this.isDocument || parts.length > 0 || this.#results.size > 0,
    });
  }

  get #left() {
    return this.until - this.session.transport.now();
  }

  /** @param {Batch} batch */
  #openOf({ positions }) {
    return positions.filter((position) => !this.#results.has(position));
  }

  /**
   * @param {number} position
   * @param {Result | undefined} found
   * @param {boolean} isComplete false if only the id and the status are known
   */
  #accept(position, found, isComplete) {
    if (!found) return;
    this.#ids.set(position, found.task_id);
    if (found.isFinal && isComplete) this.#results.set(position, found);
  }

  /**
   * @param {Result} task
   * @param {LineResult} line
   * @param {number} position
   */
  #resultOfLine({ task_id, attempts, model, metadata }, line, position) {
    const errors = Object.values(line.parts).map((part) => part.error);
    // A line of several kinds failed if all its parts did, like a task.
    const error = line.error ?? (errors.every(Boolean) ? (errors[0] ?? null) : null);
    const kind = this.inputs[position]?.kind ?? null;
    const status = error ? "FAIL" : "SUCCESS";
    return new Result({ ...line, task_id, attempts, model, metadata, kind, status, error });
  }
}

/**
 * @param {readonly string[]} json
 * @param {{inputs: number, bytes: number}} limits
 * @returns {Batch[]}
 */
function batchesOf(json, limits) {
  let start = 0;
  return Array.from(split(json, limits), (group, number) => {
    const positions = group.map((_, index) => start + index);
    start += group.length;
    return { number, positions };
  });
}

/**
 * Return whether no input has a field that a document does not allow.
 * @param {readonly AnyInput[]} inputs
 */
function suitADocument(inputs) {
  return !inputs.some(
    (each) => each.priority || each.deadline_seconds != null || each.metadata != null,
  );
}
