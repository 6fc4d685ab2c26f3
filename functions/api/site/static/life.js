// The life of a task: submitted, queued, computed, done; how long each took, and what it cost.

import { byId, make } from "./dom.js";
import { cost, duration, texts } from "./texts.js";

const STEPS = ["submitted", "queued", "computed", "done"];
const ENDS = { FAIL: "failed", CANCELLED: "cancelled" };

/** What is known of the task; `reached` counts the steps behind it. */
let life = { reached: 0, result: null, roundTrip: 0 };

export const hasLife = () => life.reached > 0;

/** Show how far the task is. */
export function reach(step) {
  life = { reached: STEPS.indexOf(step), result: null, roundTrip: 0 };
  drawLife();
}

/**
 * Show how the task ended.
 * @param {object} result as GET /api/result gives it
 * @param {number} roundTrip seconds from asking to the answer, as seen here
 */
export function end(result, roundTrip) {
  life = { reached: STEPS.length, result, roundTrip };
  drawLife();
}

/** Show no life of a task that has not ended: nobody waits for it any more. */
export function stop() {
  byId("life").hidden = !life.result;
}

/** Draw the life in the language of the page. */
export function drawLife() {
  const timings = life.result?.timings ?? {};
  const times = { queued: timings.queued, computed: timings.computed, done: timings.total };
  byId("life").hidden = false;
  byId("steps").replaceChildren(...STEPS.map((step, index) => row(step, index, times[step])));
  byId("more").hidden = !life.result;
  if (life.result) drawFacts(life.result);
}

function row(step, index, seconds) {
  const isEnd = step === "done";
  const name = (isEnd && ENDS[life.result?.status]) || step;
  const item = make("li", { className: index < life.reached ? "past" : "" }, texts()[name]);
  if (index === life.reached) item.setAttribute("aria-current", "step");
  if (name !== step) item.classList.add("bad");
  const time = typeof seconds === "number" ? duration(seconds) : "";
  item.append(" ", make("span", { className: "time" }, time));
  return item;
}

function drawFacts(result) {
  const { roundTrip, attempts, model, engine, batch, calls, cost: price, costOf } = texts();
  const receipt = result.receipt ?? {};
  const facts = [
    [roundTrip, duration(life.roundTrip)],
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
