/**
 * Sends requests to the service, limits their time, and retries them.
 *
 * @module
 */

import { ApiError, Unreachable } from "./errors.js";
import { apiError, lostConnection } from "./replies.js";
import { DEFAULT_RETRIES, RETRYABLE_STATUSES, delayAfter } from "./retries.js";

/** @import { Reply } from "./replies.js" */
/** @import { Transport } from "./transport.js" */
/** @import { Retries } from "./types.js" */

const EXAMPLE_URL = "http://127.0.0.1:8000";

/**
 * A request without the parts that all requests share. Every request is safe to repeat: it reads,
 * deletes or replaces, carries an Idempotency-Key, or reserves an upload link that may stay unused.
 * @typedef {object} ApiRequest
 * @property {string} method
 * @property {string} path relative to the service's URL, or an absolute URL, which does not get the
 *   API key
 * @property {Readonly<Record<string, string>>} [params]
 * @property {string} [json]
 * @property {Blob} [content]
 * @property {Readonly<Record<string, string>>} [headers]
 * @property {number} [serverWait] seconds for which the service may delay its response
 * @property {number} [transferSeconds] seconds that the transfer of a file may take
 */

/**
 * @typedef {{apiKey: string, language: string, timeout: number, retries: Retries}} SessionOptions
 */

/** Sends requests to one service. */
export class Session {
  /**
   * @param {string} url
   * @param {SessionOptions} options
   * @param {Transport} transport
   * @throws {TypeError} if the URL, the key or the language is not valid
   */
  constructor(url, { apiKey, language, timeout, retries }, transport) {
    this.url = checkedUrl(url);
    this.transport = transport;
    this.timeout = timeout;
    this.retries = { ...DEFAULT_RETRIES, ...retries };
    /** @type {Record<string, string>} */
    this.headers = {
      Accept: "application/json",
      "Accept-Language": checkedHeader("language", language),
      ...(apiKey ? { "x-api-key": checkedHeader("API key", apiKey) } : {}),
    };
  }

  /**
   * Return a successful response; no retry starts after `until`.
   * @param {ApiRequest} request
   * @param {{until?: number, signal?: AbortSignal | undefined}} [options]
   * @returns {Promise<Reply>}
   * @throws {ApiError} if the service returned an error
   * @throws {Unreachable} if the service did not respond
   */
  async send(request, { until = Infinity, signal } = {}) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sendOnce(request, signal);
      } catch (error) {
        const delay = this.delayAfter(error, attempt);
        if (delay === null || this.transport.now() + delay > until) throw error;
        await this.transport.sleep(delay, signal);
      }
    }
  }

  /**
   * Return the seconds to wait before a retry, or null for no retry.
   * @param {unknown} error
   * @param {number} attempt
   */
  delayAfter(error, attempt) {
    if (error instanceof Unreachable) return delayAfter(this.retries, attempt);
    const isRetryable = error instanceof ApiError && RETRYABLE_STATUSES.includes(error.status);
    return isRetryable ? delayAfter(this.retries, attempt, error.retryAfter) : null;
  }

  /**
   * @param {ApiRequest} request
   * @param {AbortSignal} [signal]
   */
  async #sendOnce(request, signal) {
    const seconds = this.timeout + (request.serverWait ?? 0) + (request.transferSeconds ?? 0);
    const limit = AbortSignal.timeout(Math.ceil(seconds * 1000));
    const either = signal ? AbortSignal.any([signal, limit]) : limit;
    const url = this.urlOf(request);
    try {
      const response = await this.fetch(request, either);
      const text = await response.text();
      if (!response.ok) throw apiError(response, text, url.origin, isLink(request));
      return { origin: url.origin, headers: response.headers, text };
    } catch (error) {
      throw lostConnection(error, url.origin, signal);
    }
  }

  /**
   * @param {ApiRequest} request
   * @returns {URL}
   */
  urlOf(request) {
    const { path, params = {} } = request;
    const url = new URL(isLink(request) ? path : `${this.url}/${path}`);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    return url;
  }

  /**
   * Send a request once; the body of the response is still to be read.
   * @param {ApiRequest} request
   * @param {AbortSignal} signal
   */
  fetch(request, signal) {
    const { method, json, content, headers } = request;
    const body = json ?? content;
    return this.transport.fetch(this.urlOf(request), {
      method,
      headers: {
        ...(isLink(request) ? {} : this.headers),
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      cache: "no-store",
      keepalive: method === "DELETE", // a page that is closed can still cancel
      redirect: "manual", // another server must not get the API key
      signal,
    });
  }
}

/**
 * Return whether a request is for a link of the service, whose signature replaces the API key.
 * @param {ApiRequest} request
 */
function isLink({ path }) {
  return path.includes("://");
}

/**
 * Check that a header can carry a value. The message omits the value: it may be secret.
 * @param {string} name
 * @param {string} value
 */
export function checkedHeader(name, value) {
  if (!/^[ -~]*$/.test(value)) {
    throw new TypeError(
      `The ${name} may have printable ASCII characters only. Check it for line breaks.`,
    );
  }
  return value;
}

/** @param {string} url */
function checkedUrl(url) {
  const found = URL.canParse(url) ? new URL(url) : null;
  if (!found || !["http:", "https:"].includes(found.protocol)) {
    throw new TypeError(`'${url}' is not a valid URL. Use one such as ${EXAMPLE_URL}.`);
  }
  if (found.username || found.password) {
    throw new TypeError("The URL may have no user name or password. Remove them.");
  }
  return url.replace(/\/+$/, "");
}
