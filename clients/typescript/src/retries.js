/**
 * When to retry a request: exponential backoff with full jitter.
 *
 * @module
 */

/** @import { Retries } from "./types.js" */

/** Too Many Requests, Bad Gateway, Service Unavailable, Gateway Timeout. */
export const RETRYABLE_STATUSES = Object.freeze([429, 502, 503, 504]);

/** @type {Readonly<Required<Retries>>} */
export const DEFAULT_RETRIES = Object.freeze({
  attempts: 4,
  firstDelay: 0.5,
  maxDelay: 30,
  random: Math.random,
});

/**
 * Return the seconds to wait after an attempt, or null for no retry.
 * @param {Readonly<Required<Retries>>} retries
 * @param {number} attempt counted from 1
 * @param {number | null} [retryAfter] the seconds in the Retry-After header; they replace the
 *   computed delay
 */
export function delayAfter(retries, attempt, retryAfter = null) {
  const { attempts, firstDelay, maxDelay, random } = retries;
  if (attempt >= attempts || (retryAfter ?? 0) > maxDelay) return null;
  return retryAfter ?? random() * Math.min(maxDelay, firstDelay * 2 ** (attempt - 1));
}

/**
 * Return the seconds in Retry-After, from a number or from a date relative to Date.
 * @param {Headers} headers
 */
export function retryAfterOf(headers) {
  const value = (headers.get("Retry-After") ?? "").trim();
  if (/^\d+$/.test(value)) return Number(value);
  // The service's clock, because the caller's may be wrong.
  const seconds = (Date.parse(value) - Date.parse(headers.get("Date") ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
