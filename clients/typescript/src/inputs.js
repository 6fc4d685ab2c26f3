/**
 * Drinks and other inputs as JSON, and how they are divided into requests.
 *
 * @module
 */

/** @import { AnyInput, JsonObject } from "./types.js" */

/** The service's limits for one request with an Idempotency-Key. */
export const REQUEST_LIMITS = Object.freeze({ inputs: 99, bytes: 180_000 });

/** The service's limits for one document. */
export const DOCUMENT_LIMITS = Object.freeze({ inputs: 100_000, bytes: 32 * 1024 * 1024 });

const KEY_BYTES = 16;

/**
 * The fields that a kind does not have.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const FOREIGN = Object.freeze({ next: ["length"], complete: ["top_k", "because"] });

/**
 * Return an input as JSON. A value that JSON would silently drop or replace is an error, because it
 * may be an exclusion.
 * @param {AnyInput | JsonObject} input
 * @returns {string}
 * @throws {TypeError} if a value is not JSON
 */
export function toJson(input) {
  return JSON.stringify(input, checkedValue);
}

/**
 * Return one or several inputs as JSON, each in its own string.
 * @param {AnyInput | Iterable<AnyInput>} inputs
 * @returns {string[]}
 */
export function toJsonList(inputs) {
  return isIterable(inputs) ? Array.from(inputs, toJson) : [toJson(inputs)];
}

/**
 * Return an input with the values of `defaults` for the fields that it does not have, or has as null.
 * An input of the kind `next` or `complete` does not get a field that its kind lacks. Exclusions add
 * up: one may be an allergy, so an input never removes those of its defaults.
 * @template {AnyInput} T
 * @param {T} input
 * @param {AnyInput} defaults
 * @returns {T}
 * @throws {TypeError} if the exclusions are not lists of names
 */
export function withDefaults(input, defaults) {
  const foreign = FOREIGN[String(input.kind ?? defaults.kind ?? "next")] ?? [];
  const left = ["ingredients", "exclude", ...foreign];
  const given = Object.entries(defaults).filter(([name]) => !left.includes(name));
  const own = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  const names = new Set([...namesIn(defaults), ...namesIn(input)]);
  const exclude = names.size ? { exclude: [...names] } : {};
  return /** @type {T} */ ({ ...Object.fromEntries([...given, ...own]), ...exclude });
}

/**
 * Divide inputs in order into as few groups as the limits allow.
 * @param {readonly string[]} inputs
 * @param {{inputs: number, bytes: number}} limits
 * @returns {Generator<string[], void, undefined>}
 */
export function* split(inputs, limits) {
  const encoder = new TextEncoder();
  /** @type {string[]} */
  let group = [];
  let size = 0;
  for (const input of inputs) {
    const length = encoder.encode(input).length + 1; // and a separator
    if (group.length === limits.inputs || (group.length && size + length > limits.bytes)) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(input);
    size += length;
  }
  if (group.length) yield group;
}

/** Return a new idempotency key. `crypto.randomUUID` is missing where a page has no HTTPS. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return toHex(bytes);
}

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @this {unknown} the object or array that has the value
 * @param {string} name
 * @param {unknown} value
 */
function checkedValue(name, value) {
  const isLost =
    typeof value === "function" ||
    typeof value === "symbol" ||
    typeof value === "bigint" ||
    (typeof value === "number" && !Number.isFinite(value)) ||
    (value === undefined && Array.isArray(this)) ||
    (typeof value === "object" && value !== null && !isPlain(value));
  if (isLost) {
    throw new TypeError(
      `The value of ${name || "the input"} is not JSON. Use strings, numbers, booleans, null,` +
        " arrays and plain objects.",
    );
  }
  return value;
}

/** @param {object} value */
function isPlain(value) {
  return Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";
}

/**
 * @param {AnyInput | Iterable<AnyInput>} inputs
 * @returns {inputs is Iterable<AnyInput>}
 */
function isIterable(inputs) {
  return Symbol.iterator in inputs;
}

/**
 * @param {JsonObject} input
 * @returns {readonly unknown[]}
 */
function namesIn({ exclude }) {
  if (exclude === null || exclude === undefined) return [];
  if (Array.isArray(exclude)) return exclude;
  throw new TypeError("Give exclude as a list of names, to which others can be added.");
}
