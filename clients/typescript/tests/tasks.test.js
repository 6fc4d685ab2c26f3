import assert from "node:assert/strict";
import { test } from "node:test";

import { Barback, TaskCancelled, TaskFailed, TaskTimeout } from "../src/index.js";
import { FakeTransport, problem, respond, success, taskJson } from "./fakes.js";

/** @param {FakeTransport} transport */
const client = (transport) => new Barback("http://bar", { transport });

test("a suggestion takes one request if the service answers in time", async () => {
  const transport = new FakeTransport(respond(200, [success(1)]));
  const result = await client(transport).suggest(["milk"], { exclude: ["group:nuts"], top_k: 2 });
  assert.equal(result.suggestions[0]?.ingredient, "sugar");
  assert.deepEqual(transport.bodies, [
    [{ ingredients: ["milk"], exclude: ["group:nuts"], top_k: 2 }],
  ]);
  assert.equal(transport.requests[0]?.headers.get("Prefer"), "wait=20");
});

test("a task that takes longer is polled after the time in Retry-After", async () => {
  const later = { "Retry-After": "3" };
  const transport = new FakeTransport(
    respond(202, [taskJson(1)], later),
    respond(202, taskJson(1), later),
    respond(200, success(1)),
  );
  await client(transport).suggest(["milk"]);
  assert.deepEqual(transport.sleeps, [3, 3]);
  const urls = transport.requests.map(({ url }) => url.slice("http://bar/api/".length));
  assert.deepEqual(urls, ["process", "result/task-1?wait=20", "result/task-1?wait=20"]);
});

test("a task that is not finished in time is an error that has the task", async () => {
  const outcomes = [respond(202, [taskJson(1)]), respond(202, taskJson(1))];
  const transport = new FakeTransport(...outcomes);
  await assert.rejects(client(transport).suggest(["milk"], { wait: 0.5 }), (error) => {
    assert(error instanceof TaskTimeout);
    assert.equal(error.tasks[0]?.task_id, "task-1");
    return true;
  });
  assert.equal(transport.time, 1000.5);
});

test("a failed task is an error with the reason", async () => {
  const error = { type: "worker-lost", detail: "The worker was lost.", retryable: true };
  const transport = new FakeTransport(respond(200, [taskJson(1, "FAIL", { error })]));
  await assert.rejects(client(transport).suggest(["milk"]), (thrown) => {
    assert(thrown instanceof TaskFailed);
    assert.equal(thrown.message, "Task task-1 failed. The worker was lost.");
    assert.equal(thrown.result.error?.retryable, true);
    return true;
  });
});

test("a cancelled task is an error", async () => {
  const transport = new FakeTransport(respond(200, [taskJson(1, "CANCELLED")]));
  await assert.rejects(client(transport).complete(["milk"]), TaskCancelled);
});

test("complete and run send their kind", async () => {
  const transport = new FakeTransport(
    respond(200, [success(1, "tea;milk")]),
    respond(200, [taskJson(2, "SUCCESS", { kind: "sentiment", output: { score: 1 } })]),
  );
  const bar = client(transport);
  assert.deepEqual((await bar.complete([], { length: 2 })).names, ["tea", "milk"]);
  assert.deepEqual((await bar.run("sentiment", { text: "Fine." })).output, { score: 1 });
  assert.deepEqual(transport.bodies, [
    [{ length: 2, ingredients: [], kind: "complete" }],
    [{ text: "Fine.", kind: "sentiment" }],
  ]);
});

const options = { idempotencyKey: "mine", ignoreUnknown: true, webhook: "https://bar.example/" };
for (const [name, call] of /** @type {[string, (bar: Barback) => Promise<unknown>][]} */ ([
  ["suggest", (bar) => bar.suggest(["milk"], options)],
  ["complete", (bar) => bar.complete(["milk"], options)],
  ["run", (bar) => bar.run("next", { ingredients: ["milk"] }, options)],
  ["submit", (bar) => bar.submit({ ingredients: ["milk"] }, options)],
  ["answer", (bar) => bar.answer([{ ingredients: ["milk"] }], options)],
])) {
  test(`the options of ${name} are those of its request, and no fields`, async () => {
    const transport = new FakeTransport(respond(200, [success(1)]));
    await call(client(transport));
    const [sent] = transport.requests;
    const query = Object.fromEntries(new URL(sent?.url ?? "").searchParams);
    assert.deepEqual(query, { ignore_unknown: "true", webhook: "https://bar.example/" });
    assert.equal(sent?.headers.get("Idempotency-Key"), "mine");
    const [{ kind: _, priority: __, ...fields }] = transport.bodies[0];
    assert.deepEqual(fields, { ingredients: ["milk"] });
  });
}

for (const [wait, prefer] of [
  [-1, null],
  [0.4, null],
  [7.9, "wait=7"],
  [90, "wait=20"],
]) {
  test(`a submission that waits ${wait} seconds sends ${prefer}`, async () => {
    const transport = new FakeTransport(respond(202, [taskJson(1)]));
    await client(transport).submit({}, { wait: Number(wait) });
    assert.equal(transport.requests[0]?.headers.get("Prefer"), prefer);
  });
}

test("several kinds have a part each, with the defaults of missing fields", async () => {
  const failure = { type: "prediction-failed", detail: "The model crashed." };
  const parts = { next: { result: "sugar" }, complete: { error: failure } };
  const transport = new FakeTransport(respond(200, [taskJson(1, "SUCCESS", { parts })]));
  const result = await client(transport).run(["next", "complete"]);
  assert.equal(result.parts["next"]?.result, "sugar");
  assert.deepEqual(result.parts["next"]?.suggestions, []);
  assert.deepEqual(result.failedParts, { complete: { ...failure, retryable: false } });
});

test("a submission is divided into requests of 99 inputs, each with its own key", async () => {
  const reply = (/** @type {number} */ count) =>
    respond(
      202,
      Array.from({ length: count }, (_, number) => taskJson(number)),
    );
  const transport = new FakeTransport(reply(99), reply(99), reply(2));
  const inputs = Array.from({ length: 200 }, () => ({ ingredients: ["milk"] }));
  const tasks = await client(transport).submit(inputs, { idempotencyKey: "mine" });
  assert.equal(tasks.length, 200);
  const keys = transport.requests.map(({ headers }) => headers.get("Idempotency-Key"));
  assert.deepEqual(keys, ["mine", "mine.1", "mine.2"]);
  assert.equal(transport.requests[0]?.headers.get("Prefer"), null);
});

test("a submission is divided by its size in bytes, too", async () => {
  const transport = new FakeTransport(...[1, 2, 3].map((id) => respond(202, [taskJson(id)])));
  const text = "я".repeat(50_000); // two bytes each
  await client(transport).submit([1, 2, 3].map(() => ({ kind: "extract", text })));
  assert.equal(transport.requests.length, 3);
});

test("a refused input has its position among all inputs, and the tasks before it", async () => {
  const accepted = Array.from({ length: 99 }, (_, number) => taskJson(number));
  const refusal = problem(422, "invalid", { index: 1 });
  const transport = new FakeTransport(respond(202, accepted), refusal);
  const inputs = Array.from({ length: 101 }, () => ({}));
  await assert.rejects(client(transport).submit(inputs), (/** @type {any} */ error) => {
    assert.equal(error.index, 100);
    assert.equal(error.tasks.length, 99);
    return true;
  });
});

test("inputs that the caller changes after the call are sent as they were", async () => {
  const transport = new FakeTransport(respond(202, [taskJson(1)]));
  const exclude = ["nuts"];
  const submission = client(transport).submit([{ exclude }]);
  exclude.length = 0;
  await submission;
  assert.deepEqual(transport.bodies, [[{ exclude: ["nuts"] }]]);
});

const lost = {
  "a Set": new Set(["nuts"]),
  "a function": () => ["nuts"],
  "a list with undefined": [undefined],
  NaN: NaN,
};
for (const [name, exclude] of Object.entries(lost)) {
  test(`an exclude that is ${name} is refused, because JSON would lose it`, async () => {
    const transport = new FakeTransport();
    const drink = /** @type {any} */ ({ exclude });
    await assert.rejects(client(transport).submit([drink]), TypeError);
    await assert.rejects(client(transport).suggest([], drink), TypeError);
    await assert.rejects(client(transport).submitDocument("[]", { defaults: drink }), TypeError);
    await assert.rejects(client(transport).answer([drink]), TypeError);
    assert.deepEqual(transport.requests, []);
  });
}

test("a submission can wait for the results", async () => {
  const transport = new FakeTransport(respond(200, [success(1), success(2)]));
  const results = await client(transport).submit([{}, {}], { wait: 5 });
  assert.deepEqual(
    results.map((result) => result.result),
    ["sugar", "sugar"],
  );
  assert.equal(transport.requests[0]?.headers.get("Prefer"), "wait=5");
});

test("results come in order, and each is reported as soon as it is known", async () => {
  const transport = new FakeTransport(respond(200, success(1, "a")), respond(202, taskJson(2)));
  /** @type {string[]} */
  const seen = [];
  const onResult = (/** @type {{task_id: string}} */ { task_id }) => seen.push(task_id);
  const results = await client(transport).results(["task-1", "task-2"], { onResult });
  assert.deepEqual(
    results.map(({ status }) => status),
    ["SUCCESS", "PROCESSING"],
  );
  assert.deepEqual(seen, ["task-1", "task-2"]);
});

test("with progress, a result is polled every second and reported", async () => {
  const progress = { fraction: 0.5, lines: 10, answered: 9, failed: 1 };
  const later = { "Retry-After": "9" };
  const running = respond(202, taskJson(1, "PROCESSING", { progress }), later);
  const transport = new FakeTransport(running, respond(200, success(1)));
  /** @type {unknown[]} */
  const seen = [];
  const onProgress = (/** @type {{progress: unknown}} */ found) => seen.push(found.progress);
  await client(transport).result("task-1", { wait: 60, onProgress });
  assert.deepEqual(seen, [progress]);
  assert.deepEqual(transport.sleeps, [1]);
  assert.match(transport.requests[0]?.url ?? "", /wait=2$/);
});

test("a task that is already cancelled is cancelled, and a finished one is an error", async () => {
  const refusal = (/** @type {string} */ task_status) =>
    problem(409, "already-finished", { task_status });
  const transport = new FakeTransport(refusal("CANCELLED"), refusal("SUCCESS"));
  const bar = client(transport);
  assert.equal((await bar.cancel("a/b")).status, "CANCELLED");
  assert.equal(transport.requests[0]?.url, "http://bar/api/task/a%2Fb");
  await assert.rejects(bar.cancel("task-2"), { status: 409 });
});
