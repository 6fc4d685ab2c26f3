/**
 * Submits tasks and waits for their results. `wait` is in seconds, from the call to the end of the
 * task.
 *
 * @module
 */

import { ApiError, BarbackError, requireSuccess } from "./errors.js";
import { forEach } from "./concurrency.js";
import { REQUEST_LIMITS, newKey, split, toJson, toJsonList } from "./inputs.js";
import { parsed } from "./replies.js";
import { Batch, Result, Task } from "./results.js";
import { retryAfterOf } from "./retries.js";
import { checkedHeader } from "./session.js";

/** @import { Reply } from "./replies.js" */
/** @import { Session } from "./session.js" */
/** @import { AnyInput, SubmitOptions } from "./types.js" */

/** @typedef {{wait?: number | undefined, signal?: AbortSignal | undefined}} Waiting */
/** @typedef {SubmitOptions & {idempotencyKey: string}} Keyed */

const DEFAULT_WAIT = 30; // seconds to wait for a suggestion
export const MAX_SERVER_WAIT = 20; // seconds: the service's default limit for one request
const TOLERANCE = 0.05; // seconds by which a wait may be too long, so that 0.999 s is one second
const PROGRESS_INTERVAL = 2; // seconds: the service updates a document's progress this often
const POLL_INTERVAL = 1; // seconds, if a response has no Retry-After
const CONCURRENCY = 8; // requests for results at a time
const ALREADY_FINISHED = "urn:barback:problem:already-finished";

/**
 * Submit an input and return its result.
 * @param {Session} session
 * @param {AnyInput} input
 * @param {Waiting & SubmitOptions} options
 */
export async function ask(session, input, { wait = DEFAULT_WAIT, signal, ...options }) {
  const { transport } = session;
  const until = transport.now() + wait;
  const seconds = serverWait(session, until);
  const request = submitRequest(`[${toJson(input)}]`, withKey(options), seconds);
  const reply = await session.send(request, { until, signal });
  const submitted = parsed(reply, single(Result));
  if (submitted.isFinal) return requireSuccess(submitted);
  await pause(session, reply, { until, signal });
  const left = until - transport.now();
  return requireSuccess(await result(session, submitted, { wait: left, signal }));
}

/**
 * Submit inputs, as many at a time as one request may carry.
 * @param {Session} session
 * @param {AnyInput | Iterable<AnyInput>} inputs
 * @param {Waiting & SubmitOptions} options
 */
export async function submit(session, inputs, { wait = 0, signal, ...options }) {
  const keyed = withKey(options);
  const seconds = serverWait(session, session.transport.now() + wait);
  /** @type {Result[]} */
  const tasks = [];
  let number = 0;
  for (const batch of split(toJsonList(inputs), REQUEST_LIMITS)) {
    try {
      const request = ofRequest(keyed, number);
      tasks.push(...(await submitBatch(session, batch, request, { wait: seconds, signal })));
    } catch (error) {
      if (error instanceof BarbackError) error.tasks = tasks;
      if (error instanceof ApiError && error.index !== null) error.index += tasks.length;
      throw error;
    }
    number += 1;
  }
  return tasks;
}

/**
 * Submit the inputs of one request, and wait up to `wait` whole seconds for the results.
 * @param {Session} session
 * @param {readonly string[]} batch
 * @param {Keyed} options
 * @param {Waiting} waiting
 */
export async function submitBatch(session, batch, options, { wait = 0, signal }) {
  const request = submitRequest(`[${batch.join(",")}]`, options, wait);
  const reply = await session.send(request, { signal });
  const tasks = parsed(reply, (body) => Array.from(body, (entry) => new Result(entry)));
  const location = /(?:^|\/)batches\/([^/]+)$/.exec(reply.headers.get("Location") ?? "");
  for (const task of tasks) task.batch_id = location?.[1] ?? null;
  return tasks;
}

/**
 * Return the result of a task; after `wait` seconds, its status may be PROCESSING.
 * @param {Session} session
 * @param {Task | string} task
 * @param {Waiting & {onProgress?: ((result: Result) => unknown) | undefined}} options with
 *   `onProgress`, a poll waits for a shorter time
 */
export async function result(session, task, options) {
  const path = `api/result/${encodeURIComponent(idOf(task))}`;
  return poll(session, path, (body) => new Result(body), options);
}

/**
 * Return a batch; after `wait` seconds, some of its tasks may be PROCESSING.
 * @param {Session} session
 * @param {Task | string} task
 * @param {Waiting} options
 */
export async function batch(session, task, options) {
  const path = `api/batches/${encodeURIComponent(batchIdOf(task))}`;
  return poll(session, path, (body) => new Batch(body), options);
}

/**
 * @template {Result | Batch} T
 * @param {Session} session
 * @param {string} path
 * @param {(body: any) => T} parse
 * @param {Waiting & {onProgress?: ((found: T) => unknown) | undefined}} options
 * @returns {Promise<T>}
 */
async function poll(session, path, parse, { wait = 0, signal, onProgress }) {
  const { transport } = session;
  const until = transport.now() + wait;
  const longest = onProgress ? PROGRESS_INTERVAL : MAX_SERVER_WAIT;
  for (;;) {
    const isLast = transport.now() >= until;
    const seconds = serverWait(session, until, longest);
    /** @type {Record<string, string>} */
    const params = seconds ? { wait: String(seconds) } : {};
    const request = { method: "GET", path, params, serverWait: seconds };
    const reply = await session.send(request, { until: isLast ? Infinity : until, signal });
    const found = parsed(reply, parse);
    if (found.isFinal || transport.now() >= until) return found;
    onProgress?.(found);
    await pause(session, reply, { until, signal, longest: onProgress ? POLL_INTERVAL : Infinity });
  }
}

/**
 * Return the results of tasks in order, after at most `wait` seconds in total.
 * @param {Session} session
 * @param {Iterable<Task | string>} tasks
 * @param {Waiting & {onResult?: (result: Result) => unknown}} options
 */
export async function results(session, tasks, { wait = 0, signal, onResult }) {
  const until = session.transport.now() + wait;
  /** @type {Result[]} */
  const found = [];
  await forEach([...tasks].entries(), CONCURRENCY, signal, async ([position, task], either) => {
    const left = until - session.transport.now();
    found[position] = await result(session, task, { wait: left, signal: either });
    onResult?.(found[position]);
  });
  return found;
}

/**
 * @param {Session} session
 * @param {Task | string} task
 * @param {{signal?: AbortSignal | undefined}} options
 */
export async function status(session, task, { signal }) {
  const path = `api/status/${encodeURIComponent(idOf(task))}`;
  return parsed(await session.send({ method: "GET", path }, { signal }), (body) => new Task(body));
}

/**
 * Cancel a task; a task that is already cancelled is not an error.
 * @param {Session} session
 * @param {Task | string} task
 * @param {{signal?: AbortSignal | undefined}} options
 */
export async function cancel(session, task, { signal }) {
  const path = `api/task/${encodeURIComponent(idOf(task))}`;
  try {
    const reply = await session.send({ method: "DELETE", path }, { signal });
    return parsed(reply, (body) => new Task(body));
  } catch (error) {
    const isFinished = error instanceof ApiError && error.type === ALREADY_FINISHED;
    if (!isFinished || error.problem.task_status !== "CANCELLED") throw error;
    return new Task({ task_id: idOf(task), status: "CANCELLED" });
  }
}

/**
 * Submit a failed or cancelled task again, as a new task.
 * @param {Session} session
 * @param {Task | string} task
 * @param {{signal?: AbortSignal | undefined}} options
 */
export async function retry(session, task, { signal }) {
  const path = `api/task/${encodeURIComponent(idOf(task))}/retry`;
  return parsed(await session.send({ method: "POST", path }, { signal }), (body) => new Task(body));
}

/**
 * Return the request that submits inputs or a document.
 * @param {string} json
 * @param {Keyed} options
 * @param {number} [wait] whole seconds for which the service may wait for the results
 */
export function submitRequest(json, { idempotencyKey, ignoreUnknown, webhook }, wait = 0) {
  const params = {
    ...(ignoreUnknown ? { ignore_unknown: "true" } : {}),
    ...(webhook ? { webhook } : {}),
  };
  const prefer = wait ? { Prefer: `wait=${wait}` } : {};
  const headers = { "Idempotency-Key": idempotencyKey, ...prefer };
  return { method: "POST", path: "api/process", params, json, headers, serverWait: wait };
}

/**
 * Return the options of a submission with the caller's key, or a new one.
 * @param {SubmitOptions} options
 * @returns {Keyed}
 * @throws {TypeError} if a header cannot carry the key
 */
export function withKey({ idempotencyKey = "", ...options }) {
  const key = checkedHeader("idempotency key", idempotencyKey) || newKey();
  return { ...options, idempotencyKey: key };
}

/**
 * Return the options of one request of several, counted from 0; each has its own key.
 * @param {Keyed} options
 * @param {number} number
 * @returns {Keyed}
 */
export function ofRequest(options, number) {
  const { idempotencyKey: key } = options;
  return number ? { ...options, idempotencyKey: `${key}.${number}` } : options;
}

/**
 * Return a parser of arrays with exactly one task.
 * @template T
 * @param {new (body: any) => T} kind
 */
export function single(kind) {
  return (/** @type {any} */ body) => {
    if (body.length !== 1) throw new TypeError("There is not exactly one task.");
    return new kind(body[0]);
  };
}

/**
 * Return the whole seconds for which the service may delay its response.
 * @param {Session} session
 * @param {number} until
 * @param {number} [longest]
 */
export function serverWait({ transport }, until, longest = MAX_SERVER_WAIT) {
  return Math.floor(Math.max(0, Math.min(until - transport.now() + TOLERANCE, longest)));
}

/**
 * Return the id of a batch.
 * @param {Task | string} task
 * @throws {TypeError} if the task was not submitted in an array, or comes from another response
 */
export function batchIdOf(task) {
  const batchId = typeof task === "string" ? task : task.batch_id;
  if (batchId) return batchId;
  throw new TypeError("This task has no batch_id. Give a task that `submit` returned, or an id.");
}

/** @param {Task | string} task */
export function idOf(task) {
  return typeof task === "string" ? task : task.task_id;
}

/**
 * @param {Session} session
 * @param {Reply} reply
 * @param {{until: number, signal?: AbortSignal | undefined, longest?: number}} options
 */
async function pause(session, reply, { until, signal, longest = Infinity }) {
  const interval = Math.min(longest, retryAfterOf(reply.headers) ?? POLL_INTERVAL);
  const left = Math.max(0, until - session.transport.now());
  // The service cannot wait for a part of a second, so the client does.
  const seconds = serverWait(session, until) ? Math.min(interval, left) : left;
  await session.transport.sleep(seconds, signal);
}
