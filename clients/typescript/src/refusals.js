/**
 * Refusals of single inputs.
 *
 * @module
 */

import { ApiError } from "./errors.js";

/** @import { Failure } from "./types.js" */

const STATUSES = Object.freeze([400, 413, 422]);
const KEY_REUSED = "urn:barback:problem:key-reused";

/**
 * Return whether an error may be about an input, and not about an option such as the webhook.
 * @param {unknown} error
 * @returns {error is ApiError}
 */
export function isAboutInput(error) {
  if (!(error instanceof ApiError) || !STATUSES.includes(error.status)) return false;
  return !(error.problem.errors ?? []).some(({ at }) => at.startsWith("query."));
}

/**
 * Return the position of the input that an error is about, and why it failed; or throw the error.
 * @param {unknown} error
 * @param {readonly number[]} open the positions of the inputs of the request
 * @param {boolean} strict whether to throw the error of an input, too, with its position
 * @returns {[number, Failure]}
 */
export function refusalOf(error, open, strict) {
  if (!isAboutInput(error)) throw error;
  const errors = error.problem.errors ?? [];
  const isAlone = open.length === 1 && error.type !== KEY_REUSED;
  const index = error.index ?? (isAlone ? 0 : -1);
  const position = open[index];
  if (position === undefined) throw error;
  if (error.index !== null) error.index = position;
  if (strict) throw error;
  const place = `body[${index}].`;
  const reasons = errors
    .filter(({ at }) => at.startsWith(place))
    .map(({ at, detail }) => `${at.slice(place.length)}: ${detail}`);
  const type = error.type.slice(error.type.lastIndexOf(":") + 1);
  const detail = reasons.length ? `${reasons.join("; ")}.` : error.message;
  return [position, { type, detail, retryable: false }];
}
