// The calls to the API. Paths are relative, so that they hold below a stage's prefix too.

import { key } from "./storage.js";

const WAIT_S = 5; // how long the API may hold an answer back for the task to end
const CALL_MS = 25_000;
const GIVE_UP_MS = 60_000;
const ATTEMPTS = 3;
const LONGEST_PAUSE_S = 5;

/** Why a call came to nothing. `kind` names the sentence that explains it. */
export class Trouble extends Error {
  /**
   * @param {string} kind a slug of a problem, or "offline", "unreachable", "slow", "unreadable"
   * @param {{detail?: string, problem?: object, status?: number}} more
   */
  constructor(kind, more = {}) {
    super(more.detail ?? kind);
    this.kind = kind;
    this.detail = more.detail ?? "";
    this.problem = more.problem ?? {};
    this.isKey = more.status === 401 || more.status === 403;
  }
}

/** Resolve after so many seconds, or reject at once when the signal is aborted. */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Return the seconds that the API asks to wait; a date or nothing is a second. */
function retryAfter(response) {
  const seconds = Number(response.headers.get("Retry-After") ?? 1);
  return Number.isFinite(seconds) ? Math.min(seconds, LONGEST_PAUSE_S) : 1;
}

async function send(path, { headers, signal, ...options }) {
  const timeout = AbortSignal.timeout(CALL_MS);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    return await fetch(path, { ...options, headers, signal: either, cache: "no-store" });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (timeout.aborted) throw new Trouble("slow");
    throw new Trouble(navigator.onLine ? "unreachable" : "offline");
  }
}

/** Read an answer's JSON; what is none becomes trouble, as does a problem. */
async function read(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return { status: response.status, body, response };
  const slug = body?.type?.split(":").at(-1) ?? "unreadable";
  throw new Trouble(slug, { detail: body?.detail, problem: body, status: response.status });
}

/**
 * Call the API; what is refused for being too much is sent again when the API says so.
 * @param {string} path
 * @param {RequestInit & {language?: string}} options
 */
export async function call(path, { language = "en", headers = {}, ...options } = {}) {
  const all = { "Accept-Language": language, ...headers };
  if (options.body) all["Content-Type"] = "application/json";
  if (key()) all["x-api-key"] = key();
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(path, { ...options, headers: all });
    const isBusy = response.status === 429 || response.status === 503;
    if (!isBusy || attempt === ATTEMPTS) return read(response);
    await pause(retryAfter(response), options.signal);
  }
}

/**
 * Submit a drink and return its result. A question that is aborted cancels its task.
 * @param {object} drink as POST /api/process takes it
 * @param {{language: string, signal: AbortSignal, onTaken: (taskId: string) => void}} how
 */
export async function ask(drink, { language, signal, onTaken }) {
  const answer = await call("api/process", {
    method: "POST",
    body: JSON.stringify(drink),
    headers: { Prefer: `wait=${WAIT_S}` },
    language, // not the signal: without its answer, the task has no id to cancel it by
  });
  const [task] = answer.body;
  if (answer.status === 200) return task;
  try {
    signal.throwIfAborted();
    onTaken(task.task_id);
    const hasWaited = answer.response.headers.has("Preference-Applied");
    if (!hasWaited) await pause(retryAfter(answer.response), signal);
    return await wait(task.task_id, language, signal);
  } catch (error) {
    if (signal.aborted) cancel(task.task_id);
    throw error;
  }
}

/** Fetch a task's result as soon as there is one. */
async function wait(taskId, language, signal) {
  const path = `api/result/${encodeURIComponent(taskId)}?wait=${WAIT_S}`;
  const until = Date.now() + GIVE_UP_MS;
  while (Date.now() < until) {
    const { status, body, response } = await call(path, { language, signal });
    if (status === 200) return body;
    await pause(retryAfter(response), signal);
  }
  cancel(taskId);
  throw new Trouble("slow");
}

/** Cancel a task that nobody waits for; one that has ended meanwhile may stay. */
function cancel(taskId) {
  const path = `api/task/${encodeURIComponent(taskId)}`;
  call(path, { method: "DELETE", keepalive: true }).catch(() => {});
}

/** List all ingredients, or those that a word may mean. */
export async function listIngredients(language, q = "") {
  const query = q ? `?${new URLSearchParams({ q, limit: 24 })}` : "";
  return (await call(`api/ingredients${query}`, { language })).body;
}

/** Return the names that are most like one that the API does not know. */
export async function listNearest(name, language) {
  const body = JSON.stringify({ ingredients: [name] });
  try {
    await call("api/process", { method: "POST", body, language });
  } catch (error) {
    if (error.kind === "unknown-ingredient") return error.problem.unknown[0].nearest;
    throw error;
  }
  return [];
}
