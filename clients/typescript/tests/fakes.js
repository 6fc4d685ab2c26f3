/** A network and a clock for tests. */

/** @import { Transport } from "../src/transport.js" */

/**
 * @typedef {{
 *   method: string, url: string, headers: Headers, body: any, signal: AbortSignal,
 *   redirect: string,
 * }} Sent
 */

/**
 * Returns the given outcomes in turn; its clock advances only in `sleep`.
 * @implements {Transport}
 */
export class FakeTransport {
  /** @type {Sent[]} */
  requests = [];
  /** @type {number[]} */
  sleeps = [];
  time = 1000;

  /** @param {(Response | Error | ((signal: AbortSignal) => Promise<Response>))[]} outcomes */
  constructor(...outcomes) {
    this.outcomes = outcomes;
    this.fetch = this.fetch.bind(this);
    this.now = () => this.time;
    this.sleep = this.sleep.bind(this);
  }

  /**
   * @param {string | URL | Request} url
   * @param {RequestInit} [init]
   */
  async fetch(url, init = {}) {
    const { method = "GET", headers, body, redirect = "follow" } = init;
    const signal = init.signal ?? new AbortController().signal;
    const content = body instanceof Blob ? await body.text() : (body ?? "");
    const sent = { method, url: String(url), headers: new Headers(headers), signal, redirect };
    this.requests.push({ ...sent, body: content });
    const outcome = this.outcomes.shift();
    if (outcome === undefined) throw new Error("This request was not expected.");
    if (outcome instanceof Error) throw outcome;
    return typeof outcome === "function" ? outcome(signal) : outcome;
  }

  /**
   * @param {number} seconds
   * @param {AbortSignal} [signal]
   */
  async sleep(seconds, signal) {
    signal?.throwIfAborted();
    this.sleeps.push(seconds);
    this.time += seconds;
  }

  /** The JSON bodies of the requests that have one. */
  get bodies() {
    return this.requests.map(({ body }) => (body ? JSON.parse(body) : null));
  }
}

/**
 * @param {number} status
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 */
export function respond(status, body, headers = {}) {
  return new Response(JSON.stringify(body), { status, headers });
}

/**
 * @param {number} number
 * @param {string} [status]
 * @param {object} [members]
 */
export function taskJson(number, status = "PROCESSING", members = {}) {
  return { task_id: `task-${number}`, status, result: "", ...members };
}

/**
 * @param {number} number
 * @param {string} [name]
 */
export function success(number, name = "sugar") {
  const suggestions = [{ ingredient: name, probability: 0.25 }];
  return taskJson(number, "SUCCESS", { result: name, suggestions, attempts: 1 });
}

/**
 * @param {number} status
 * @param {string} slug
 * @param {object} [members]
 * @param {Record<string, string>} [headers]
 */
export function problem(status, slug, members = {}, headers = {}) {
  const type = `urn:barback:problem:${slug}`;
  return respond(status, { type, status, detail: "Change the request.", ...members }, headers);
}

/** The failure of `fetch` without a connection. */
export function lostConnection() {
  return new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
}
