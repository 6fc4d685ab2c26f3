/**
 * Several tasks: the cancellation of a batch, and the list of the caller's tasks.
 *
 * @module
 */

import { parsed } from "./replies.js";
import { ListedTask } from "./results.js";
import { batchIdOf } from "./tasks.js";

/** @import { Task } from "./results.js" */
/** @import { Session } from "./session.js" */
/** @import { CancelledBatch, Status } from "./types.js" */

/**
 * The filters of the list of tasks: a status, a time from which on tasks were submitted, and a kind.
 * `limit` is the most tasks; without it, all of them.
 * @typedef {object} ListOptions
 * @property {Status} [status]
 * @property {Date | string} [since]
 * @property {string} [kind]
 * @property {number} [limit]
 * @property {AbortSignal | undefined} [signal]
 */

const MAX_PAGE = 200; // the service's limit for one page

/**
 * Cancel the tasks of a batch that have not ended.
 * @param {Session} session
 * @param {Task | string} task
 * @param {{signal?: AbortSignal | undefined}} options
 * @returns {Promise<CancelledBatch>}
 */
export async function cancelBatch(session, task, { signal }) {
  const path = `api/batches/${encodeURIComponent(batchIdOf(task))}`;
  const reply = await session.send({ method: "DELETE", path }, { signal });
  return parsed(reply, ({ batch_id, counts, cancelled }) => ({ batch_id, counts, cancelled }));
}

/**
 * Yield the caller's tasks, the newest first, and fetch pages as needed.
 * @param {Session} session
 * @param {ListOptions} options
 * @returns {AsyncGenerator<ListedTask, void, undefined>}
 */
export async function* list(session, { status, since, kind, limit = Infinity, signal }) {
  const start = since instanceof Date ? since.toISOString() : since;
  const filters = Object.entries({ status, since: start, kind });
  let left = limit;
  /** @type {string | null | undefined} */
  let cursor;
  while (left > 0 && cursor !== null) {
    const size = Math.min(left, MAX_PAGE);
    const all = [...filters, ["cursor", cursor], ["limit", String(size)]];
    const params = Object.fromEntries(all.filter(([, value]) => value !== undefined));
    const reply = await session.send({ method: "GET", path: "api/tasks", params }, { signal });
    const page = parsed(reply, (body) => ({
      tasks: Array.from(body.tasks, (entry) => new ListedTask(entry)),
      cursor: /** @type {string | null} */ (body.cursor ?? null),
    }));
    yield* page.tasks.slice(0, size);
    left -= page.tasks.length;
    cursor = page.cursor;
  }
}
