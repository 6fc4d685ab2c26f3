// Calls to the API. Paths are relative, so that they also work under a stage prefix.

import { apiKey } from "./storage.js";

const WAIT_S = 5; // how long the API may hold a request until the task is final
const CALL_TIMEOUT_MS = 25_000;
const TASK_TIMEOUT_MS = 60_000;
const ATTEMPTS = 3;
const MAX_PAUSE_S = 5;

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

/** Resolve after some seconds, or reject as soon as the signal is aborted. */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Return after how many seconds the API asks for the next call; 1 if it gives no number. */
function retryAfter(response) {
  const seconds = Number(response.headers.get("Retry-After") ?? 1);
  return Number.isFinite(seconds) ? seconds : 1;
}

/** Wait as long as the API asks for, but not longer than a person would. */
function pauseBefore(response, signal) {
  return pause(Math.min(retryAfter(response), MAX_PAUSE_S), signal);
}

async function send(path, { headers, signal, ...options }) {
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    return await fetch(path, { ...options, headers, signal: either, cache: "no-store" });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (timeout.aborted) throw new ApiError("slow");
    throw new ApiError(navigator.onLine ? "unreachable" : "offline");
  }
}

/** Return the JSON of a response; throw an ApiError for a problem or for other content. */
async function read(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return { status: response.status, body, response };
  const kind = body?.type?.split(":").at(-1) ?? "unreadable";
  throw new ApiError(kind, { detail: body?.detail, problem: body, status: response.status });
}

/**
 * Call the API. If it is busy (429 or 503), call again after the time that it asks for, unless that
 * is longer than MAX_PAUSE_S.
 * @param {string} path
 * @param {RequestInit & {language?: string}} options
 */
export async function call(path, { language = "en", headers = {}, ...options } = {}) {
  const allHeaders = { "Accept-Language": language, ...headers };
  if (options.body) allHeaders["Content-Type"] = "application/json";
  if (apiKey()) allHeaders["x-api-key"] = apiKey();
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(path, { ...options, headers: allHeaders });
    const isBusy = response.status === 429 || response.status === 503;
    const isFinal = !isBusy || attempt === ATTEMPTS || retryAfter(response) > MAX_PAUSE_S;
    if (isFinal) return read(response);
    await pauseBefore(response, options.signal);
  }
}

/**
 * Submit a drink and return the task's result. Aborting the signal cancels the task.
 * @param {object} drink as POST /api/process takes it
 * @param {{language: string, signal: AbortSignal, onQueued: () => void}} options
 */
export async function runTask(drink, { language, signal, onQueued }) {
  const submitted = await call("api/process", {
    method: "POST",
    body: JSON.stringify(drink),
    headers: { Prefer: `wait=${WAIT_S}` },
    language, // but not the signal: only the response contains the id that a cancel needs
  });
  const [task] = submitted.body;
  if (submitted.status === 200) return task;
  try {
    signal.throwIfAborted();
    onQueued();
    const apiWaited = submitted.response.headers.has("Preference-Applied");
    if (!apiWaited) await pauseBefore(submitted.response, signal);
    return await poll(task.task_id, language, signal);
  } catch (error) {
    if (signal.aborted) cancel(task.task_id);
    throw error;
  }
}

/** Poll until a task is final, and return its result. */
async function poll(taskId, language, signal) {
  const path = `api/result/${encodeURIComponent(taskId)}?wait=${WAIT_S}`;
  const deadline = Date.now() + TASK_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { status, body, response } = await call(path, { language, signal });
    if (status === 200) return body;
    await pauseBefore(response, signal);
  }
  cancel(taskId);
  throw new ApiError("slow");
}

/** Cancel a task. Errors do not matter, since the page no longer needs it. */
function cancel(taskId) {
  const path = `api/task/${encodeURIComponent(taskId)}`;
  call(path, { method: "DELETE", keepalive: true }).catch(() => {});
}

/** List all ingredients, or those with a name that contains `q`. */
export async function listIngredients(language, q = "") {
  const query = q ? `?${new URLSearchParams({ q, limit: 24 })}` : "";
  return (await call(`api/ingredients${query}`, { language })).body;
}

/**
 * Describe a name that the API does not know: the most similar names, and whether it is an alcoholic
 * drink while the model has none.
 * @returns {Promise<{nearest: string[], alcohol?: boolean}>}
 */
export async function describeUnknown(name, language) {
  const body = JSON.stringify({ ingredients: [name] });
  try {
    await call("api/process", { method: "POST", body, language });
  } catch (error) {
    if (error.kind === "unknown-ingredient") return error.problem.unknown[0];
    throw error;
  }
  return { nearest: [] };
}
