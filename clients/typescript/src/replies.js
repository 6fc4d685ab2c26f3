/**
 * From an HTTP response to its content or an error.
 *
 * @module
 */

import { ApiError, UnexpectedResponse, Unreachable } from "./errors.js";
import { retryAfterOf } from "./retries.js";

const FORBIDDEN = Object.freeze([401, 403]);

/**
 * A whole response.
 * @typedef {{readonly origin: string, readonly headers: Headers, readonly text: string}} Reply
 */

/**
 * Parse the JSON of a response.
 * @template T
 * @param {Pick<Reply, "origin" | "text">} reply
 * @param {(body: any) => T} parse
 * @returns {T}
 * @throws {UnexpectedResponse} if it does not have the format of a Barback response
 */
export function parsed({ text, origin }, parse) {
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    throw new UnexpectedResponse(
      `${origin} did not respond like a Barback service. Check the URL and the versions of client` +
        " and service.",
      { cause },
    );
  }
}

/**
 * Return the error for a response that is not successful, whether or not it comes from the service.
 * @param {Response} response
 * @param {string} text
 * @param {string} origin
 * @param {boolean} isLink whether the request was for a link of the service, and had no API key
 */
export function apiError(response, text, origin, isLink) {
  const { status, headers } = response;
  /** @type {unknown} */
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {} // a gateway or proxy in front of the service may send anything
  return new ApiError(
    status,
    isProblem(body) ? body : { detail: detailOf(response, origin, isLink) },
    retryAfterOf(headers),
  );
}

/**
 * Return the error for a connection that failed or took too long, or the signal's own reason.
 * @param {unknown} error
 * @param {string} origin
 * @param {AbortSignal} [signal]
 */
export function lostConnection(error, origin, signal) {
  if (error instanceof ApiError) return error;
  if (signal?.aborted) return signal.reason;
  const message = `${origin} did not respond (${reasonOf(error)}). Check the URL and the network.`;
  return new Unreachable(message, { cause: error });
}

/**
 * @param {unknown} error
 * @returns {string} the name of an error, and the system's code if Node gives one
 */
function reasonOf(error) {
  if (!(error instanceof Error || error instanceof DOMException)) return "unknown error";
  const { cause } = /** @type {{cause?: {code?: unknown}}} */ (error);
  return typeof cause?.code === "string" ? `${error.name}: ${cause.code}` : error.name;
}

/**
 * @param {unknown} body
 * @returns {body is Record<string, unknown>}
 */
function isProblem(body) {
  return (
    typeof body === "object" && body !== null && "detail" in body && typeof body.detail === "string"
  );
}

/**
 * @param {Response} response
 * @param {string} origin
 * @param {boolean} isLink
 */
function detailOf({ status, statusText, type }, origin, isLink) {
  if (FORBIDDEN.includes(status)) {
    if (isLink) {
      return "The link has expired. Fetch the result or submit the document again.";
    }
    return "The service did not accept the API key. Check it, or get a new one.";
  }
  const isRedirect = type === "opaqueredirect" || (status >= 300 && status < 400);
  const what = isRedirect
    ? "redirects to another address"
    : `returned ${status} ${statusText}`.trim();
  return `${origin} ${what}. Check the URL, or try again later.`;
}
