/**
 * The errors that the client throws.
 *
 * BarbackError
 * ├── ApiError                  the service returned an error
 * ├── Unreachable               the service did not respond
 * ├── UnexpectedResponse        the response does not come from a compatible Barback service
 * ├── TaskTimeout               the task was not finished within the given time
 * ├── WebhookVerificationError  a webhook is not from the service, or not from this time
 * └── TaskUnsuccessful          the task ended without an answer
 *     ├── TaskFailed            the service could not answer
 *     └── TaskCancelled         the task was cancelled
 *
 * An aborted signal is not among them: its own reason is thrown.
 *
 * @module
 */

/** @import { Problem } from "./types.js" */
/** @import { Result, Task } from "./results.js" */

/** Base class of all errors that the client throws. */
export class BarbackError extends Error {
  /** @override */
  name = "BarbackError";

  /**
   * The tasks that the service accepted before the error; they continue to run.
   * @type {readonly Task[]}
   */
  tasks = [];
}

/** The service returned an error, described as in RFC 9457. */
export class ApiError extends BarbackError {
  /** @override */
  name = "ApiError";

  /**
   * @param {number} status the HTTP status code; 0 for a redirect in a browser
   * @param {Readonly<Record<string, unknown>>} problem the fields of the response
   * @param {number | null} [retryAfter] seconds to wait before a retry, if the service named them
   */
  constructor(status, problem, retryAfter = null) {
    const { type, detail, index } = problem;
    const text = typeof detail === "string" ? detail : "";
    super(text || `The service returned HTTP status ${status}.`);
    this.status = status;
    this.type = typeof type === "string" ? type : "about:blank";
    this.detail = text;
    /** @type {Readonly<Partial<Problem> & Record<string, unknown>>} */
    this.problem = problem;
    this.retryAfter = retryAfter;
    /** The position of the input that the service refused. */
    this.index = typeof index === "number" ? index : null;
  }
}

/** The service did not respond to any attempt. `cause` is the error of the last one. */
export class Unreachable extends BarbackError {
  /** @override */
  name = "Unreachable";
}

/** The response does not have the format of a Barback response. */
export class UnexpectedResponse extends BarbackError {
  /** @override */
  name = "UnexpectedResponse";
}

/** The task was not finished within the given time. It continues, and is in `tasks`. */
export class TaskTimeout extends BarbackError {
  /** @override */
  name = "TaskTimeout";

  /** @param {Task} task */
  constructor(task) {
    super(`Task ${task.task_id} is not finished yet. Fetch its result later or wait longer.`);
    this.tasks = [task];
  }
}

/** A webhook is not from the service, or its time differs too much from the present. */
export class WebhookVerificationError extends BarbackError {
  /** @override */
  name = "WebhookVerificationError";
}

/** The task ended without an answer. */
export class TaskUnsuccessful extends BarbackError {
  /** @override */
  name = "TaskUnsuccessful";

  /**
   * @param {Result} result
   * @param {string} message
   */
  constructor(result, message) {
    super(message);
    this.result = result;
  }
}

/** The task failed; `result.error` has the reason. */
export class TaskFailed extends TaskUnsuccessful {
  /** @override */
  name = "TaskFailed";

  /** @param {Result} result */
  constructor(result) {
    const reason = result.error?.detail ?? "The service gave no reason.";
    super(result, `Task ${result.task_id} failed. ${reason}`);
  }
}

/** The task was cancelled, by this or another client with the same API key. */
export class TaskCancelled extends TaskUnsuccessful {
  /** @override */
  name = "TaskCancelled";

  /** @param {Result} result */
  constructor(result) {
    super(result, `Task ${result.task_id} was cancelled. Submit it again.`);
  }
}

/**
 * Return the result of a successful task, or throw the error for any other status.
 * @param {Result} result
 */
export function requireSuccess(result) {
  if (result.status === "SUCCESS") return result;
  if (result.status === "FAIL") throw new TaskFailed(result);
  if (result.status === "CANCELLED") throw new TaskCancelled(result);
  throw new TaskTimeout(result);
}
