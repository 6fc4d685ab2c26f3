/**
 * Answers many inputs: divides them into documents or arrays, submits these, several at a time, and
 * collects the results.
 *
 * @module
 */

import { forEach } from "./concurrency.js";
import { lines, submitBody, submitDocument } from "./documents.js";
import { ApiError } from "./errors.js";
import { DOCUMENT_LIMITS, REQUEST_LIMITS, newKey, split, toJson } from "./inputs.js";
import { Result } from "./results.js";
import { result, serverWait, submitBatch } from "./tasks.js";

/** @import { LineResult } from "./results.js" */
/** @import { Session } from "./session.js" */
/** @import { AnyInput, DocumentProgress, Failure, RunProgress } from "./types.js" */

/** @typedef {{number: number, positions: number[]}} Batch the positions of one request's inputs */

const DEFAULT_WAIT = 600; // seconds
const BATCHES = 8; // in flight at a time
const FETCHES = 2; // requests for results of one batch at a time
const FIRST_WAIT = 2; // seconds for which a submission waits for its results
const KEY_REUSED = "urn:barback:problem:key-reused";
const REFUSALS = Object.freeze([400, 413, 422]); // the statuses that may be about an input

/**
 * Return a result for each input, after at most `wait` seconds of waiting.
 * @param {Session} session
 * @param {Iterable<AnyInput>} inputs
 * @param {{
 *   wait?: number,
 *   signal?: AbortSignal | undefined,
 *   onProgress?: (progress: RunProgress) => unknown,
 * }} options
 */
export async function answer(session, inputs, { wait = DEFAULT_WAIT, signal, onProgress }) {
  const until = session.transport.now() + wait;
  const answering = new Answering(session, [...inputs], until, onProgress);
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
  #key = newKey();

  /**
   * @param {Session} session
   * @param {readonly AnyInput[]} inputs
   * @param {number} until
   * @param {((progress: RunProgress) => unknown) | undefined} onProgress
   */
  constructor(session, inputs, until, onProgress) {
    this.session = session;
    this.inputs = inputs;
    this.until = until;
    this.onProgress = onProgress;
    this.isDocument = !inputs.some(
      (each) => each.priority || each.deadline_seconds != null || each.metadata != null,
    );
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
    const idempotencyKey = this.#keyOf(batch);
    const body = `{"lines":[${entries.join(",")}]}`;
    if (new TextEncoder().encode(body).length <= REQUEST_LIMITS.bytes) {
      try {
        return await submitBody(this.session, body, idempotencyKey, { signal });
      } catch (error) {
        if (!(error instanceof ApiError && REFUSALS.includes(error.status))) throw error;
      }
    }
    return submitDocument(this.session, entries.join("\n"), { idempotencyKey, signal });
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
        const key = this.#keyOf(batch);
        const tasks = await submitBatch(this.session, body, key, { wait, signal });
        // Unless all are final, the response has only ids and statuses.
        const isComplete = wait > 0 && tasks.every((task) => task.isFinal);
        open.forEach((position, index) => this.#accept(position, tasks[index], isComplete));
        break;
      } catch (error) {
        const [position, failure] = refusalOf(error, open);
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
  #keyOf({ number }) {
    return number ? `${this.#key}.${number}` : this.#key;
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
  #resultOfLine({ task_id, attempts, model }, line, position) {
    const errors = Object.values(line.parts).map((part) => part.error);
    // A line of several kinds failed if all its parts did, like a task.
    const error = line.error ?? (errors.every(Boolean) ? (errors[0] ?? null) : null);
    const kind = this.inputs[position]?.kind ?? null;
    const status = error ? "FAIL" : "SUCCESS";
    return new Result({ ...line, task_id, attempts, model, kind, status, error });
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
 * Return the position of the input that an error is about, and why it failed; or throw the error.
 * @param {unknown} error
 * @param {readonly number[]} open
 * @returns {[number, Failure]}
 */
function refusalOf(error, open) {
  if (!(error instanceof ApiError) || !REFUSALS.includes(error.status)) throw error;
  const isAlone = open.length === 1 && error.type !== KEY_REUSED;
  const index = error.index ?? (isAlone ? 0 : -1);
  const position = open[index];
  if (position === undefined) throw error;
  const place = `body[${index}].`;
  const reasons = (error.problem.errors ?? [])
    .filter(({ at }) => at.startsWith(place))
    .map(({ at, detail }) => `${at.slice(place.length)}: ${detail}`);
  const type = error.type.slice(error.type.lastIndexOf(":") + 1);
  const detail = reasons.length ? `${reasons.join("; ")}.` : error.message;
  return [position, { type, detail, retryable: false }];
}
