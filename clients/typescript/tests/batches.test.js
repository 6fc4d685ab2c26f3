import assert from "node:assert/strict";
import { test } from "node:test";

import { Barback } from "../src/index.js";
import { FakeTransport, problem, respond, success, taskJson } from "./fakes.js";

/** @param {FakeTransport} transport */
const client = (transport) => new Barback("http://bar", { transport });

/** @param {Record<string, number>} counts */
const batchJson = (counts) => ({
  batch_id: "b/1",
  counts,
  expected_wait: 3,
  results: [success(1), counts["PROCESSING"] ? taskJson(2) : success(2)],
});

/**
 * @param {number[]} numbers
 * @param {string | null} [cursor]
 */
function page(numbers, cursor = null) {
  const submitted = { kind: "next", submitted_at: "2026-11-27T15:00:00Z", url_result: "/" };
  const tasks = numbers.map((number) => taskJson(number, "FAIL", submitted));
  return respond(200, { tasks, cursor });
}

/** @param {FakeTransport} transport */
const queries = (transport) =>
  transport.requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));

for (const [location, expected] of [
  ["../api/batches/b1", "b1"],
  ["result/task-1", null],
  ["batches/", null],
]) {
  test(`the batch of tasks at ${location} is ${expected}`, async () => {
    const reply = respond(202, [taskJson(1), taskJson(2)], { Location: String(location) });
    const tasks = await client(new FakeTransport(reply)).submit([{}, {}]);
    assert.deepEqual(
      tasks.map(({ batch_id }) => batch_id),
      [expected, expected],
    );
  });
}

test("a batch is polled until all its tasks have ended", async () => {
  const running = respond(202, batchJson({ PROCESSING: 1, SUCCESS: 1 }), { "Retry-After": "3" });
  const transport = new FakeTransport(running, respond(200, batchJson({ SUCCESS: 2 })));
  const batch = await client(transport).batch("b/1", { wait: 60 });
  assert.deepEqual(batch.counts, { SUCCESS: 2 });
  assert.deepEqual(
    batch.results.map(({ result }) => result),
    ["sugar", "sugar"],
  );
  assert.equal(transport.requests[1]?.url, "http://bar/api/batches/b%2F1?wait=20");
  assert.deepEqual(transport.sleeps, [3]);
});

test("a batch is returned as it is after the wait", async () => {
  const transport = new FakeTransport(respond(202, batchJson({ PROCESSING: 1, SUCCESS: 1 })));
  const batch = await client(transport).batch("b1");
  assert.equal(batch.isFinal, false);
  assert.equal(batch.expected_wait, 3);
});

test("a task without a batch is refused", async () => {
  const [task] = await client(new FakeTransport(respond(202, [taskJson(1)]))).submit({});
  assert(task);
  await assert.rejects(client(new FakeTransport()).batch(task), /This task has no batch_id/);
});

test("a batch is cancelled", async () => {
  const body = { batch_id: "b1", counts: { CANCELLED: 1 }, cancelled: ["task-2"] };
  const transport = new FakeTransport(respond(200, body));
  assert.deepEqual(await client(transport).cancelBatch("b1"), body);
  assert.equal(transport.requests[0]?.method, "DELETE");
});

test("a retry is a new task, and one of a task that succeeded is an error", async () => {
  const refusal = problem(409, "retry-refused", { task_status: "SUCCESS" });
  const transport = new FakeTransport(respond(202, taskJson(2)), refusal);
  const bar = client(transport);
  assert.equal((await bar.retry("task-1")).task_id, "task-2");
  assert.equal(transport.requests[0]?.url, "http://bar/api/task/task-1/retry");
  assert.equal(transport.requests[0]?.method, "POST");
  await assert.rejects(bar.retry("task-1"), { status: 409 });
});

test("the list of tasks has all pages, also after an empty one", async () => {
  const transport = new FakeTransport(page([3, 2], "c1"), page([], "c2"), page([1]));
  const found = [];
  for await (const task of client(transport).tasks()) found.push(task.task_id);
  assert.deepEqual(found, ["task-3", "task-2", "task-1"]);
  assert.deepEqual(
    queries(transport).map(({ cursor }) => cursor),
    [undefined, "c1", "c2"],
  );
});

test("the list of tasks ends at its limit", async () => {
  const transport = new FakeTransport(page([5, 4], "c1"), page([3], "c2"));
  const found = [];
  for await (const task of client(transport).tasks({ limit: 3 })) found.push(task.submitted_at);
  assert.deepEqual(found, Array(3).fill("2026-11-27T15:00:00Z"));
  assert.deepEqual(
    queries(transport).map(({ limit }) => limit),
    ["3", "1"],
  );
});

test("the list of tasks is filtered by the service", async () => {
  const transport = new FakeTransport(page([]));
  const since = new Date("2026-11-27T17:00:00+02:00");
  for await (const _ of client(transport).tasks({ status: "FAIL", since, kind: "next" }));
  assert.deepEqual(queries(transport), [
    { status: "FAIL", since: "2026-11-27T15:00:00.000Z", kind: "next", limit: "200" },
  ]);
});
