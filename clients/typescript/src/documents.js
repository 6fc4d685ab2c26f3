/**
 * Documents: many inputs in one task, and the results of their lines.
 *
 * @module
 */

import { toHex, toJson } from "./inputs.js";
import { apiError, lostConnection, parsed } from "./replies.js";
import { LineResult, Task } from "./results.js";
import { single, submitRequest, withKey } from "./tasks.js";

/** @import { Result } from "./results.js" */
/** @import { Session } from "./session.js" */
/** @import { Keyed } from "./tasks.js" */
/** @import { JsonObject, SubmitOptions } from "./types.js" */

/** @typedef {{signal?: AbortSignal | undefined}} Abortable */

const SLOWEST_TRANSFER = 50_000; // bytes per second; a slower one counts as no response

/**
 * Upload a document and submit it as one task.
 * @param {Session} session
 * @param {Blob | Uint8Array | string} document
 * @param {Abortable & Omit<SubmitOptions, "ignoreUnknown"> & {
 *   fileFormat?: "text" | "jsonl",
 *   defaults?: JsonObject,
 * }} options
 * @throws {TypeError} if the defaults have ingredients; only a line can have them
 */
export async function submitDocument(session, document, options) {
  const { fileFormat = "jsonl", defaults = {}, signal, ...submission } = options;
  const keyed = withKey(submission);
  if ("ingredients" in defaults) {
    throw new TypeError("Leave ingredients out of the defaults. Each line has its own.");
  }
  toJson(defaults); // an error comes before any upload
  const content = document instanceof Uint8Array ? new Uint8Array(document) : document;
  const name = await upload(session, new Blob([content]), fileFormat, signal);
  const body = toJson({ ...defaults, document: name });
  return submitBody(session, body, keyed, signal);
}

/**
 * Submit a document, uploaded or with its lines in the body, as one task.
 * @param {Session} session
 * @param {string} body
 * @param {Keyed} options
 * @param {AbortSignal} [signal]
 */
export async function submitBody(session, body, options, signal) {
  return parsed(await session.send(submitRequest(body, options), { signal }), single(Task));
}

/**
 * Yield the results of a document's lines as they arrive. After a lost connection, the download
 * starts again, without the lines that were yielded before.
 * @param {Session} session
 * @param {Result} result
 * @param {Abortable} options
 * @returns {AsyncGenerator<LineResult, void, undefined>}
 */
export async function* lines(session, { document }, { signal }) {
  if (!document) {
    throw new TypeError(
      "This result has no lines. Pass the result of a document whose task succeeded.",
    );
  }
  const { origin } = new URL(document.url);
  let yielded = 0;
  for (let attempt = 1; ; attempt += 1) {
    let position = 0;
    try {
      for await (const text of textLines(session, document.url, signal)) {
        position += 1;
        if (position <= yielded) continue;
        yielded = position;
        attempt = 1;
        yield parsed({ origin, text }, (body) => new LineResult(body));
      }
      return;
    } catch (error) {
      const delay = session.delayAfter(error, attempt);
      if (delay === null) throw error;
      await session.transport.sleep(delay, signal);
    }
  }
}

/**
 * Upload a document and return its name. Its digest gives the same content the same name; it is
 * missing where a page has no HTTPS.
 * @param {Session} session
 * @param {Blob} content
 * @param {string} format
 * @param {AbortSignal} [signal]
 */
async function upload(session, content, format, signal) {
  const digest = await crypto.subtle?.digest("SHA-256", await content.arrayBuffer());
  const sha256 = digest ? { sha256: toHex(new Uint8Array(digest)) } : {};
  const json = toJson({ bytes: content.size, format, ...sha256 });
  const reply = await session.send({ method: "POST", path: "api/documents", json }, { signal });
  const { name, request } = parsed(
    reply,
    ({ document, upload: { method, url, headers = {} } }) => ({
      name: String(document),
      request: { method: String(method), path: new URL(url).href, headers },
    }),
  );
  const transferSeconds = content.size / SLOWEST_TRANSFER;
  await session.send({ ...request, content, transferSeconds }, { signal });
  return name;
}

/**
 * Yield the lines of a file. Each part of it must arrive within the session's timeout, while a
 * caller may take its time between two lines.
 * @param {Session} session
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<string, void, undefined>}
 */
async function* textLines(session, path, signal) {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const { origin } = new URL(path);
  try {
    const opened = session.fetch({ method: "GET", path }, either);
    const response = await within(session.timeout, stop, opened);
    if (!response.ok || !response.body) throw apiError(response, "", origin, true);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await within(session.timeout, stop, reader.read());
      if (done) break;
      const texts = (rest + value).split("\n");
      rest = texts.pop() ?? "";
      yield* texts.filter(Boolean);
    }
    if (rest) yield rest;
  } catch (error) {
    throw lostConnection(error, origin, signal);
  } finally {
    stop.abort();
  }
}

/**
 * Return what a promise is resolved to, or abort what it waits for after some seconds.
 * @template T
 * @param {number} seconds
 * @param {AbortController} controller
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(seconds, controller, promise) {
  const late = () => controller.abort(new DOMException("It took too long.", "TimeoutError"));
  const timer = setTimeout(late, seconds * 1000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
