// Repeats what failed until it works: after a pause that grows, when the browser is online again,
// and when the page becomes visible.

const PASSING = new Set([
  ...["offline", "unreachable", "slow", "unreadable", "slow-down", "unavailable", "internal"],
  ...["max-retries-exceeded", "deadline-exceeded", "worker-lost"],
]);
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 15_000;

let pause = FIRST_PAUSE_MS;
let timer = 0;
/** @type {(() => void) | null} what failed */
let pending = null;

/** Whether a failure may pass without a change of the request. */
export const isPassing = ({ kind }) => PASSING.has(kind);

/** Repeat an action soon. */
export function afterFailure(action) {
  pending = action;
  timer = setTimeout(repeat, pause);
  pause = Math.min(pause * 2, MAX_PAUSE_MS);
}

/** Stop repeating; after a success, the next pause is short again. */
export function stopRetrying({ succeeded = false } = {}) {
  clearTimeout(timer);
  pending = null;
  if (succeeded) pause = FIRST_PAUSE_MS;
}

function repeat() {
  const action = pending;
  clearTimeout(timer);
  pending = null;
  action?.();
}

/** Repeat at once when there is reason for hope. */
export function setUpRecovery() {
  addEventListener("online", repeat);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") repeat();
  });
}
