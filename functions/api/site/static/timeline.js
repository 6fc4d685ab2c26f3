// The timeline of a task: submitted, queued, computed, done, with durations and cost.

import { byId, make } from "./dom.js";
import { cost, duration, texts } from "./texts.js";

const STEPS = ["submitted", "queued", "computed", "done"];
const FAILURES = { FAIL: "failed", CANCELLED: "cancelled" };

/**
 * The task that is shown. `passed` is the number of steps that it has behind it.
 * @type {{passed: number, result: object | null, roundTrip: number} | null}
 */
let task = null;

/** Show the step that the task is at. */
export function showStep(step) {
  task = { passed: STEPS.indexOf(step), result: null, roundTrip: 0 };
  drawTimeline();
}

/**
 * Show a final result.
 * @param {object} result as GET /api/result returns it
 * @param {number} roundTrip seconds from request to answer, as measured here
 */
export function showResult(result, roundTrip) {
  task = { passed: STEPS.length, result, roundTrip };
  drawTimeline();
}

/** Hide the timeline of a task without a result, since the page no longer waits for it. */
export function hideUnfinished() {
  if (!task?.result) task = null;
  drawTimeline();
}

/** Set up the part of the page. */
export function setUpTimeline() {
  byId("how").addEventListener("toggle", drawTimeline);
}

/** Draw the timeline in the language of the page, if the part of the page is open. */
export function drawTimeline() {
  if (!byId("how").open) return;
  byId("timeline").hidden = !task;
  if (!task) return;
  const timings = task.result?.timings ?? {};
  const seconds = { queued: timings.queued, computed: timings.computed, done: timings.total };
  byId("steps").replaceChildren(...STEPS.map((step, index) => row(step, index, seconds[step])));
  byId("facts").hidden = !task.result;
  if (task.result) drawFacts(task.result);
}

function row(step, index, seconds) {
  const name = (step === "done" && FAILURES[task.result?.status]) || step;
  const item = make("li", { className: index < task.passed ? "passed" : "" }, texts()[name]);
  if (index === task.passed) item.setAttribute("aria-current", "step");
  if (name !== step) item.classList.add("failed");
  const time = typeof seconds === "number" ? duration(seconds) : "";
  item.append(" ", make("span", { className: "time" }, time));
  return item;
}

function drawFacts(result) {
  const { roundTrip, attempts, model, engine, batch, calls, cost: price, costOf } = texts();
  const receipt = result.receipt ?? {};
  const facts = [
    [roundTrip, duration(task.roundTrip)],
    [attempts, result.attempts],
    [model, result.model],
    [engine, receipt.engine],
    [batch, receipt.batch_size],
    [calls, receipt.aws_calls],
    [price, receipt.usd === undefined ? null : costOf(cost(receipt.usd), receipt.prices)],
  ];
  const rows = facts
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, String(value))));
  byId("facts").replaceChildren(...rows);
}
