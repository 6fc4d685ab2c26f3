/**
 * Deliveries of results to webhooks, and the secrets that sign them.
 *
 * @module
 */

import { parsed } from "./replies.js";
import { idOf } from "./tasks.js";

/** @import { Task } from "./results.js" */
/** @import { Session } from "./session.js" */
/** @import { Delivery } from "./types.js" */

/**
 * Return the secrets of webhooks; POST makes a new one. A repetition of it does no harm.
 * @param {Session} session
 * @param {"GET" | "POST"} method
 * @param {AbortSignal} [signal]
 */
export async function webhookSecrets(session, method, signal) {
  const reply = await session.send({ method, path: "api/webhooks/secret" }, { signal });
  return parsed(reply, ({ secrets }) => Array.from(secrets, String));
}

/**
 * Return the delivery of a task's result; POST starts it again.
 * @param {Session} session
 * @param {"GET" | "POST"} method
 * @param {Task | string} task
 * @param {"deliveries" | "redeliver"} call
 * @param {AbortSignal} [signal]
 * @returns {Promise<Delivery>}
 */
export async function delivery(session, method, task, call, signal) {
  const path = `api/task/${encodeURIComponent(idOf(task))}/${call}`;
  const reply = await session.send({ method, path }, { signal });
  return parsed(reply, ({ webhook, state, attempts }) => ({
    webhook,
    state,
    attempts: Array.from(attempts),
  }));
}
