/**
 * Calls that run at the same time.
 *
 * @module
 */

/**
 * Call a function for each item, up to `limit` at a time. An error or the signal ends all calls.
 * @template T
 * @param {Iterable<T>} items
 * @param {number} limit
 * @param {AbortSignal | undefined} signal
 * @param {(item: T, signal: AbortSignal) => Promise<unknown>} call
 */
export async function forEach(items, limit, signal, call) {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const iterator = items[Symbol.iterator]();
  const work = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      either.throwIfAborted();
      await call(next.value, either);
    }
  };
  const workers = Array.from({ length: limit }, work);
  try {
    await Promise.all(workers);
  } finally {
    failed.abort();
    await Promise.allSettled(workers);
  }
}
