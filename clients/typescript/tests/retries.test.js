import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, Barback, Unreachable } from "../src/index.js";
import { FakeTransport, lostConnection, problem, respond } from "./fakes.js";

const retries = { random: () => 1 };

/** @param {FakeTransport} transport */
const client = (transport) => new Barback("http://bar", { apiKey: "secret", retries, transport });

test("a lost connection is tried again after delays that double", async () => {
  const transport = new FakeTransport(lostConnection(), lostConnection(), respond(200, []));
  assert.deepEqual(await client(transport).groups(), []);
  assert.deepEqual(transport.sleeps, [0.5, 1]);
});

test("the error after the last attempt says why there is no response", async () => {
  const transport = new FakeTransport(...Array.from({ length: 4 }, lostConnection));
  await assert.rejects(client(transport).groups(), (error) => {
    assert(error instanceof Unreachable);
    assert.match(error.message, /^http:\/\/bar did not respond \(TypeError: ECONNREFUSED\)\./);
    return true;
  });
  assert.equal(transport.requests.length, 4);
});

for (const status of [429, 502, 503, 504]) {
  test(`status ${status} is tried again after the time in Retry-After`, async () => {
    const busy = problem(status, "unavailable", {}, { "Retry-After": "7" });
    const transport = new FakeTransport(busy, respond(200, []));
    await client(transport).groups();
    assert.deepEqual(transport.sleeps, [7]);
  });
}

for (const status of [400, 403, 404, 409, 422, 500]) {
  test(`status ${status} is not tried again`, async () => {
    const transport = new FakeTransport(problem(status, "invalid"));
    await assert.rejects(client(transport).groups(), ApiError);
    assert.deepEqual(transport.sleeps, []);
  });
}

test("Retry-After may be a date, counted from the service's own clock", async () => {
  const headers = {
    "Retry-After": "Fri, 27 Nov 2026 12:00:09 GMT",
    Date: "Fri, 27 Nov 2026 12:00:00 GMT",
  };
  const transport = new FakeTransport(problem(503, "unavailable", {}, headers), respond(200, []));
  await client(transport).groups();
  assert.deepEqual(transport.sleeps, [9]);
});

test("a Retry-After that is longer than the longest delay ends the retries", async () => {
  const transport = new FakeTransport(
    problem(429, "quota-exceeded", {}, { "Retry-After": "3600" }),
  );
  await assert.rejects(client(transport).groups(), { status: 429, retryAfter: 3600 });
  assert.deepEqual(transport.sleeps, []);
});

test("no retry starts after the wait of a suggestion", async () => {
  const busy = problem(503, "unavailable", {}, { "Retry-After": "20" });
  const transport = new FakeTransport(busy);
  await assert.rejects(client(transport).suggest(["milk"], { wait: 10 }), { status: 503 });
});

test("each attempt of a submission has the same idempotency key", async () => {
  const accepted = respond(202, [{ task_id: "t", status: "PROCESSING" }]);
  const transport = new FakeTransport(lostConnection(), accepted);
  await client(transport).submit({ ingredients: ["milk"] });
  const [first, second] = transport.requests.map(({ headers }) => headers.get("Idempotency-Key"));
  assert.match(first ?? "", /^[0-9a-f]{32}$/);
  assert.equal(second, first);
});

test("a response that does not arrive in time counts as no response", async () => {
  /** @type {(signal: AbortSignal) => Promise<Response>} */
  const hang = (signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const transport = new FakeTransport(hang, respond(200, []));
  const bar = new Barback("http://bar", { timeout: 0.01, retries, transport });
  const keepAlive = setTimeout(() => {}, 10_000); // the timer of AbortSignal.timeout does not
  await bar.groups();
  clearTimeout(keepAlive);
  assert.deepEqual(transport.sleeps, [0.5]);
});

test("an aborted signal ends a request with its own reason, and without a retry", async () => {
  const controller = new AbortController();
  const transport = new FakeTransport(async (signal) => {
    controller.abort(new Error("The page is closed."));
    signal.throwIfAborted();
    return respond(200, []);
  });
  await assert.rejects(client(transport).groups({ signal: controller.signal }), {
    message: "The page is closed.",
  });
  assert.equal(transport.requests.length, 1);
});

test("an aborted signal ends the time between two attempts", async () => {
  const controller = new AbortController();
  const { fetch } = new FakeTransport(problem(503, "unavailable", {}, { "Retry-After": "20" }));
  const bar = new Barback("http://bar", { transport: { fetch } });
  const call = bar.groups({ signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  await assert.rejects(call, { name: "AbortError" });
});
