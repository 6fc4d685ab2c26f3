// Calls to the API, through the client in clients/typescript.

import * as barback from "./client/index.js";
import { apiKey } from "./storage.js";

const API = new URL(".", location.href).href; // with the prefix of a stage
const CALL_TIMEOUT_S = 20; // on top of the time that the API may hold a request
const SUBMISSION_WAIT_S = 5; // how long the API may hold a submission until the task is final
const TASK_TIMEOUT_S = 60;
const RETRIES = { attempts: 3, maxDelay: 5 }; // a person does not wait longer
const SEARCH_LIMIT = 24;

/** A failed call. `kind` is the key of the text that explains it. */
export class ApiError extends Error {
  /**
   * @param {string} kind the last part of a problem's type, or "offline", "unreachable", "slow" or
   *   "unreadable"
   * @param {{detail?: string, problem?: object, status?: number}} more
   */
  constructor(kind, more = {}) {
    super(more.detail ?? kind);
    this.kind = kind;
    this.detail = more.detail ?? "";
    this.problem = more.problem ?? {};
    this.needsKey = more.status === 401 || more.status === 403;
  }
}

/** Return a client; it has nothing to close. */
function clientFor(language) {
  const retries = navigator.onLine ? RETRIES : { attempts: 1 };
  const options = { apiKey: apiKey(), language, timeout: CALL_TIMEOUT_S, retries };
  return new barback.Barback(API, options);
}

/** Return the error that the page shows for an error of the client. */
function explain(error) {
  if (error instanceof barback.Unreachable) {
    if (error.cause?.name === "TimeoutError") return new ApiError("slow");
    return new ApiError(navigator.onLine ? "unreachable" : "offline");
  }
  if (error instanceof barback.ApiError && error.type !== "about:blank") {
    return new ApiError(error.type.split(":").at(-1), error);
  }
  const isOther = error instanceof barback.BarbackError; // or else an aborted signal, or a bug
  return isOther ? new ApiError("unreadable", { status: error.status }) : error;
}

/** Return what a call of the client returns, or throw the error that the page shows. */
async function result(call) {
  try {
    return await call;
  } catch (error) {
    throw explain(error);
  }
}

/**
 * Submit a drink and return the task's result. Aborting the signal cancels the task.
 * @param {object} drink as POST /api/process takes it
 * @param {{language: string, signal: AbortSignal, onQueued: () => void}} options
 */
export async function runTask(drink, { language, signal, onQueued }) {
  const client = clientFor(language);
  // Without the signal, because only the response contains the id that a cancel needs.
  const [task] = await result(client.submit(drink, { wait: SUBMISSION_WAIT_S }));
  if (task.isFinal) return task;
  try {
    signal.throwIfAborted();
    onQueued();
    const found = await result(client.result(task, { wait: TASK_TIMEOUT_S, signal }));
    if (found.isFinal) return found;
  } catch (error) {
    if (signal.aborted) cancel(client, task);
    throw error;
  }
  cancel(client, task);
  throw new ApiError("slow");
}

/**
 * Submit drinks with one request, and return their results in order.
 * @param {object[]} drinks
 * @param {{language: string, signal: AbortSignal}} options an aborted signal ends the wait
 */
export async function runTasks(drinks, { language, signal }) {
  const client = clientFor(language);
  const tasks = await result(client.submit(drinks, { wait: SUBMISSION_WAIT_S, signal }));
  if (tasks.every((task) => task.isFinal)) return tasks;
  return result(client.results(tasks, { wait: TASK_TIMEOUT_S, signal }));
}

/** Cancel a task. Errors do not matter, since the page no longer needs it. */
function cancel(client, task) {
  client.cancel(task).catch(() => {});
}

/** List all ingredients, or those with a name that contains `q`. */
export function listIngredients(language, q = "") {
  return result(clientFor(language).ingredients(q, q ? { limit: SEARCH_LIMIT } : {}));
}

/**
 * Describe a name that the API does not know: the most similar names, and whether it is an alcoholic
 * drink while the model has none.
 * @returns {Promise<{nearest: string[], alcohol?: boolean}>}
 */
export async function describeUnknown(name, language) {
  try {
    await result(clientFor(language).submit({ ingredients: [name] }));
  } catch (error) {
    if (error.kind === "unknown-ingredient") return error.problem.unknown[0];
    throw error;
  }
  return { nearest: [] };
}
