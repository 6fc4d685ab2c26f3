/**
 * The network and the clock.
 *
 * @module
 */

/**
 * Replaces the network and the clock in tests.
 * @typedef {object} Transport
 * @property {typeof globalThis.fetch} fetch
 * @property {() => number} now the time of a monotonic clock in seconds
 * @property {(seconds: number, signal?: AbortSignal) => Promise<void>} sleep
 */

/** @type {Transport} */
export const DEFAULT_TRANSPORT = {
  fetch: (...request) => globalThis.fetch(...request),
  now: () => performance.now() / 1000,
  sleep,
};

/**
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
