/**
 * The client.
 *
 * @module
 */

import { answer } from "./answering.js";
import { delivery, webhookSecrets } from "./deliveries.js";
import { lines, submitDocument } from "./documents.js";
import { cancelBatch, list } from "./lists.js";
import { parsed } from "./replies.js";
import { Result, Task } from "./results.js";
import { Session } from "./session.js";
import { ask, batch, cancel, result, results, retry, status, submit } from "./tasks.js";
import { DEFAULT_TRANSPORT } from "./transport.js";

/** @import { Batch, LineResult, ListedTask } from "./results.js" */
/** @import { AnswerOptions } from "./answering.js" */
/** @import { ListOptions } from "./lists.js" */
/** @import { Transport } from "./transport.js" */
/** @import { AnyInput, CancelledBatch, Delivery, Drink, Group, Ingredient, Input } from "./types.js" */
/** @import { QueueLoad, Retries, SubmitOptions } from "./types.js" */

/**
 * @typedef {object} Options
 * @property {string} [apiKey] the API key, if the service needs one
 * @property {string} [language] the language of the names in the results, `en` or `ru`; `en`
 * @property {number} [timeout] the seconds within which the whole response to one request must
 *   arrive, on top of the time for which the client asks the service to wait, and of a second for
 *   each 50 kB of a file; 10
 * @property {Retries} [retries] how often and how long after an error to retry a request
 * @property {Partial<Transport>} [transport] replaces `fetch` or the clock, for a proxy or a test
 */

/** @typedef {{signal?: AbortSignal | undefined}} Abortable an aborted `signal` ends the call */
/** @typedef {Abortable & {wait?: number}} Waiting `wait` is in seconds, until the task has ended */
/** @typedef {Omit<Drink, "ingredients" | "kind">} DrinkOptions */
/** @typedef {Omit<DrinkOptions, "length">} SuggestOptions */
/** @typedef {Omit<DrinkOptions, "top_k" | "because">} CompleteOptions */

/**
 * A client for the service. Its methods can be called at the same time; it has nothing to close.
 */
export class Barback {
  #session;

  /**
   * @param {string} url the service's URL, such as http://127.0.0.1:8000, with the path of a stage
   * @param {Options} [options]
   * @throws {TypeError} if the URL, the key or the language is not valid
   */
  constructor(url, { apiKey = "", language = "en", timeout = 10, retries = {}, transport } = {}) {
    const options = { apiKey, language, timeout, retries };
    this.#session = new Session(url, options, { ...DEFAULT_TRANSPORT, ...transport });
  }

  /**
   * Suggest an ingredient to add to a drink, or a base for a drink without ingredients.
   * @param {readonly string[]} [ingredients]
   * @param {SuggestOptions & SubmitOptions & Waiting} [options] `wait` is 30 seconds by default
   * @returns {Promise<Result>} a successful result
   * @throws {import("./errors.js").TaskUnsuccessful} if there is no answer
   * @throws {import("./errors.js").TaskTimeout} if the task is not finished after `wait` seconds
   */
  async suggest(ingredients = [], options = {}) {
    const [fields, rest] = separate(options);
    return ask(this.#session, { ...fields, ingredients }, rest);
  }

  /**
   * Suggest the ingredients that finish a drink; without `length`, the model decides how many.
   * @param {readonly string[]} [ingredients]
   * @param {CompleteOptions & SubmitOptions & Waiting} [options] `wait` is 30 seconds by default
   * @returns {Promise<Result>} a successful result, whose `names` complete the drink
   */
  async complete(ingredients = [], options = {}) {
    const [fields, rest] = separate(options);
    return ask(this.#session, { ...fields, ingredients, kind: "complete" }, rest);
  }

  /**
   * Answer an input of any kind, such as `bar.run("complete", { ingredients: ["milk"] })`. Several
   * kinds share the fields, and the result has `parts`. A field that no kind has is refused.
   * @param {string | readonly string[]} kind
   * @param {Omit<Input, "kind">} [fields] the fields of the kind, `priority` and `deadline_seconds`
   * @param {SubmitOptions & Waiting} [options] `wait` is 30 seconds by default
   * @returns {Promise<Result>} a successful result
   */
  async run(kind, fields = {}, options = {}) {
    return ask(this.#session, { ...fields, kind }, options);
  }

  /**
   * Submit any number of inputs and return their tasks in order. A retry never creates a second
   * task. Neither does a second call with the same inputs and the same idempotency key.
   * @param {AnyInput | Iterable<AnyInput>} inputs
   * @param {SubmitOptions & Waiting} [options] `wait` is 0 by default. Otherwise, a request takes up to
   *   so many seconds (20 at most), until all its tasks have ended
   * @returns {Promise<Result[]>} whole results if all have ended, otherwise ids and statuses only
   * @throws {import("./errors.js").ApiError} if the service refused an input: `index` is its
   *   position, and `tasks` has the tasks of the inputs that were submitted before it
   */
  async submit(inputs, options = {}) {
    return submit(this.#session, inputs, options);
  }

  /**
   * Answer any number of inputs. They become documents, or bulk tasks if one of them has a priority, a
   * deadline or metadata, or with `strict` or `ignoreUnknown`; `asDocument` chooses one of both. An
   * input that the service refuses fails alone, or with `strict` ends the call.
   * @param {Iterable<AnyInput>} inputs
   * @param {AnswerOptions & Waiting} [options] `wait` is 600 seconds by default
   * @returns {Promise<Result[]>} one for each input, in order
   */
  async answer(inputs, options = {}) {
    return answer(this.#session, inputs, options);
  }

  /**
   * Return the result of a task; after `wait` seconds, its status may be PROCESSING.
   * @param {Task | string} task
   * @param {Waiting & {onProgress?: (result: Result) => unknown}} [options] `wait` is 0 by default.
   *   `onProgress` gets each result that is not final; a document's has `progress`
   * @returns {Promise<Result>}
   */
  async result(task, options = {}) {
    return result(this.#session, task, options);
  }

  /**
   * Return the results of tasks in order, after at most `wait` seconds in total. A failed task is a
   * result, not an error.
   * @param {Iterable<Task | string>} tasks
   * @param {Waiting & {onResult?: (result: Result) => unknown}} [options] `wait` is 0 by default.
   *   `onResult` gets each result as soon as it is known
   * @returns {Promise<Result[]>}
   */
  async results(tasks, options = {}) {
    return results(this.#session, tasks, options);
  }

  /**
   * Return the task with its current status.
   * @param {Task | string} task
   * @param {Abortable} [options]
   * @returns {Promise<Task>}
   */
  async status(task, options = {}) {
    return status(this.#session, task, options);
  }

  /**
   * Cancel a task. For a task that has already finished, an ApiError has the status 409.
   * @param {Task | string} task
   * @param {Abortable} [options]
   * @returns {Promise<Task>}
   */
  async cancel(task, options = {}) {
    return cancel(this.#session, task, options);
  }

  /**
   * Submit a failed or cancelled task again; a second call returns the same new task. For a task with
   * another status, an ApiError has the status 409.
   * @param {Task | string} task
   * @param {Abortable} [options]
   * @returns {Promise<Task>}
   */
  async retry(task, options = {}) {
    return retry(this.#session, task, options);
  }

  /**
   * Return the tasks of an array; after `wait` seconds, some may be PROCESSING.
   * @param {Task | string} task one that `submit` returned, or its `batch_id`
   * @param {Waiting} [options] `wait` is 0 by default
   * @returns {Promise<Batch>}
   */
  async batch(task, options = {}) {
    return batch(this.#session, task, options);
  }

  /**
   * Cancel the tasks of an array that have not ended; the others keep their results.
   * @param {Task | string} task one that `submit` returned, or its `batch_id`
   * @param {Abortable} [options]
   * @returns {Promise<CancelledBatch>}
   */
  async cancelBatch(task, options = {}) {
    return cancelBatch(this.#session, task, options);
  }

  /**
   * Yield your tasks, the newest first: `for await (const task of bar.tasks({ status: "FAIL" }))`.
   * New ones may take seconds to appear, and a deployment may have no list.
   * @param {ListOptions} [options]
   * @returns {AsyncGenerator<ListedTask, void, undefined>}
   */
  tasks(options = {}) {
    return list(this.#session, options);
  }

  /**
   * Return the secrets with which your webhooks are signed, newest first; see `verify`.
   * @param {Abortable} [options]
   * @returns {Promise<string[]>}
   */
  async webhookSecrets({ signal } = {}) {
    return webhookSecrets(this.#session, "GET", signal);
  }

  /**
   * Make a new secret and return all; the previous one stays valid for a day.
   * @param {Abortable} [options]
   * @returns {Promise<string[]>}
   */
  async rotateWebhookSecret({ signal } = {}) {
    return webhookSecrets(this.#session, "POST", signal);
  }

  /**
   * Return the attempts to deliver the result of a task, or of its array, to its webhook.
   * @param {Task | string} task
   * @param {Abortable} [options]
   * @returns {Promise<Delivery>}
   */
  async deliveries(task, { signal } = {}) {
    return delivery(this.#session, "GET", task, "deliveries", signal);
  }

  /**
   * Start the delivery of a task, or of its array, again.
   * @param {Task | string} task
   * @param {Abortable} [options]
   * @returns {Promise<Delivery>}
   */
  async redeliver(task, { signal } = {}) {
    return delivery(this.#session, "POST", task, "redeliver", signal);
  }

  /**
   * List the ingredients whose names contain `part`; names that start with it come first.
   * @param {string} [part]
   * @param {Abortable & {limit?: number}} [options]
   * @returns {Promise<Ingredient[]>}
   */
  async ingredients(part = "", { limit, signal } = {}) {
    const params = {
      ...(part ? { q: part } : {}),
      ...(limit === undefined ? {} : { limit: String(limit) }),
    };
    return this.#get("api/ingredients", (body) => Array.from(body), signal, params);
  }

  /**
   * List the groups that a drink can exclude, such as `group:dairy`.
   * @param {Abortable} [options]
   * @returns {Promise<Group[]>}
   */
  async groups({ signal } = {}) {
    return this.#get("api/groups", (body) => Array.from(body), signal);
  }

  /**
   * Return the load of each queue by its name, such as `interactive` or `bulk`.
   * @param {Abortable} [options]
   * @returns {Promise<Record<string, QueueLoad>>}
   */
  async queue({ signal } = {}) {
    return this.#get("api/queue", (body) => ({ ...body }), signal);
  }

  /**
   * Upload up to 100,000 inputs, one per line, and submit them as one task.
   * @param {Blob | Uint8Array | string} document a file or its content
   * @param {Abortable & Omit<SubmitOptions, "ignoreUnknown"> & {
   *   fileFormat?: "text" | "jsonl",
   *   defaults?: Omit<Drink, "ingredients"> | Input,
   * }} [options] in `text`, lines have names separated by `;`; in `jsonl` (the default), they have
   *   inputs or arrays of names. `defaults` are values for the fields that a line does not have;
   *   exclusions add up
   * @returns {Promise<Task>}
   */
  async submitDocument(document, options = {}) {
    return submitDocument(this.#session, document, options);
  }

  /**
   * Download the results of a document's lines: `for await (const line of bar.lines(result))`. The
   * lines are read as they arrive, and a lost connection is opened again.
   * @param {Result} result the result of the document's task
   * @param {Abortable} [options]
   * @returns {AsyncGenerator<LineResult, void, undefined>}
   */
  lines(result, options = {}) {
    return lines(this.#session, result, options);
  }

  /**
   * @template T
   * @param {string} path
   * @param {(body: any) => T} parse
   * @param {AbortSignal} [signal]
   * @param {Record<string, string>} [params]
   */
  async #get(path, parse, signal, params = {}) {
    return parsed(await this.#session.send({ method: "GET", path, params }, { signal }), parse);
  }
}

/**
 * Return the fields of a drink, and the other options of a call.
 * @template {SubmitOptions & Waiting} T
 * @param {T} options
 */
function separate({ idempotencyKey, ignoreUnknown, webhook, wait, signal, ...fields }) {
  return /** @type {const} */ ([fields, { idempotencyKey, ignoreUnknown, webhook, wait, signal }]);
}
