/**
 * Verifies webhooks.
 *
 * Source: Standard Webhooks 1.0.0, https://www.standardwebhooks.com, with symmetric keys (v1).
 *
 * @module
 */

import { WebhookVerificationError } from "./errors.js";

/** @import { JsonObject } from "./types.js" */

/**
 * The headers of a request, as browsers, workers and Node have them; upper and lower case are the
 * same.
 * @typedef {Headers | Readonly<Record<string, string | readonly string[] | undefined>>} WebhookHeaders
 */

const TOLERANCE = 300; // seconds
const VERSION = "v1";
const HMAC = Object.freeze({ name: "HMAC", hash: "SHA-256" });

/**
 * Verify that the service sent a webhook, and return the JSON object of its body.
 * @param {string | Uint8Array} body the body exactly as it was received
 * @param {WebhookHeaders} headers
 * @param {string | Iterable<string>} secrets one secret, such as `whsec_…`, or several: after a
 *   rotation, the old one is valid for a day
 * @param {{tolerance?: number, now?: number}} [options] `tolerance` is the number of seconds (300)
 *   by which the time of the webhook may differ from `now`, in seconds since the epoch
 * @returns {Promise<JsonObject>}
 * @throws {WebhookVerificationError} if the webhook is not from the service, or not from this time
 * @throws {TypeError} if there is no secret, or one is not valid
 */
export async function verify(body, headers, secrets, options = {}) {
  const { tolerance = TOLERANCE, now = Date.now() / 1000 } = options;
  const content = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
  const keys = await importedKeys(typeof secrets === "string" ? [secrets] : secrets);
  const timestamp = header(headers, "webhook-timestamp");
  const start = new TextEncoder().encode(`${header(headers, "webhook-id")}.${timestamp}.`);
  const signed = await new Blob([start, content]).arrayBuffer();
  const signatures = signaturesIn(header(headers, "webhook-signature"));
  const checks = keys.flatMap((key) =>
    signatures.map((signature) => crypto.subtle.verify(HMAC, key, signature, signed)),
  );
  if (!(await Promise.all(checks)).includes(true)) {
    throw new WebhookVerificationError(
      "No signature matches. Check the secret, and pass the body exactly as it was received.",
    );
  }
  checkTime(timestamp, tolerance, now);
  return jsonObject(content);
}

/** @param {Iterable<string>} secrets */
async function importedKeys(secrets) {
  const keys = Array.from(secrets, (secret) => {
    const key = fromBase64(secret.replace(/^whsec_/, ""));
    if (!key?.length) {
      throw new TypeError("A secret is not valid. Use one such as whsec_… and base64 after it.");
    }
    return crypto.subtle.importKey("raw", key, HMAC, false, ["verify"]);
  });
  if (!keys.length) throw new TypeError("Give at least one secret.");
  return Promise.all(keys);
}

/**
 * @param {WebhookHeaders} headers
 * @param {string} name in lower case
 */
function header(headers, name) {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const value = entries.find(([key]) => key.toLowerCase() === name)?.[1];
  if (!value?.length) throw new WebhookVerificationError(`The header ${name} is missing.`);
  return typeof value === "string" ? value : value.join(" ");
}

/**
 * Return the signatures of this version; a sender may use others, too.
 * @param {string} value
 */
function signaturesIn(value) {
  const parts = value.split(/\s+/).map((signature) => signature.split(","));
  return parts
    .filter(([version]) => version === VERSION)
    .map(([, digest]) => fromBase64(digest ?? ""))
    .filter((digest) => digest !== null);
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer> | null} null if the text is not base64
 */
function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * @param {string} timestamp
 * @param {number} tolerance
 * @param {number} now
 */
function checkTime(timestamp, tolerance, now) {
  if (!/^\d+$/.test(timestamp)) {
    throw new WebhookVerificationError("The header webhook-timestamp is not a number of seconds.");
  }
  if (!(Math.abs(now - Number(timestamp)) <= tolerance)) {
    throw new WebhookVerificationError(
      `The webhook was sent more than ${tolerance} seconds ago or in the future. Check the clock` +
        " of this machine.",
    );
  }
}

/**
 * @param {Uint8Array} content
 * @returns {JsonObject}
 */
function jsonObject(content) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch (cause) {
    throw new WebhookVerificationError("The body is not JSON.", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WebhookVerificationError("The body is not a JSON object.");
  }
  return value;
}
