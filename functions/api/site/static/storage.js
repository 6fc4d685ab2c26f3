// What outlives the page: choices in this browser, the key in this tab only.

const PREFIX = "barback.";

/** Run an operation on a storage that the browser may refuse; a refusal is `undefined`. */
function attempt(operation) {
  try {
    return operation();
  } catch {
    return undefined;
  }
}

/** Return the choice of that name, or `otherwise`. */
export function recall(name, otherwise) {
  return attempt(() => JSON.parse(localStorage.getItem(PREFIX + name))) ?? otherwise;
}

/** Store a choice; returns whether the browser stored it. */
export function remember(name, value) {
  return attempt(() => localStorage.setItem(PREFIX + name, JSON.stringify(value)) ?? true) ?? false;
}

let ownKey = attempt(() => sessionStorage.getItem(PREFIX + "key")) ?? "";

/** Return the API key, or "". */
export const key = () => ownKey;

/** Keep the API key until the tab is closed. */
export function keepKey(value) {
  ownKey = value;
  attempt(() => sessionStorage.setItem(PREFIX + "key", value));
}
