// Settings in this browser's storage, and the API key, which lasts as long as the tab.

const PREFIX = "barback.";

/** Run a storage operation; return undefined if the browser refuses it. */
function attempt(operation) {
  try {
    return operation();
  } catch {
    return undefined;
  }
}

/** Return a stored setting, or the fallback if there is none that can be read. */
export function loadSetting(name, fallback) {
  return attempt(() => JSON.parse(localStorage.getItem(PREFIX + name))) ?? fallback;
}

/** Store a setting; return whether the browser stored it. */
export function saveSetting(name, value) {
  return attempt(() => localStorage.setItem(PREFIX + name, JSON.stringify(value)) ?? true) ?? false;
}

let currentKey = attempt(() => sessionStorage.getItem(PREFIX + "key")) ?? "";

/** Return the API key, or "" if there is none. */
export const apiKey = () => currentKey;

/** Keep the API key until the tab is closed. */
export function saveApiKey(key) {
  currentKey = key;
  attempt(() => sessionStorage.setItem(PREFIX + "key", key));
}
