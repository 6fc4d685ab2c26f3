import assert from "node:assert/strict";
import { test } from "node:test";

import { Barback } from "../src/index.js";
import { FakeTransport, problem, respond, success, taskJson } from "./fakes.js";

/** @param {FakeTransport} transport */
const client = (transport) => new Barback("http://bar", { transport });

const created = () =>
  respond(201, { document: "s3://b/doc", upload: { method: "PUT", url: "http://store/doc" } });
const refusal = () => problem(422, "invalid");
const document = { url: "http://store/results", expires_in: 9, lines: 3, answered: 2, failed: 1 };

test("a document that a request can carry is submitted in one", async () => {
  const transport = new FakeTransport(
    respond(202, [taskJson(1)]),
    respond(200, taskJson(1, "SUCCESS", { document })),
    new Response('{"line": 1, "result": "a"}\n{"line": 2, "result": "b"}\n'),
  );
  const results = await client(transport).answer([{ exclude: ["nuts"] }, {}]);
  assert.deepEqual(
    results.map(({ result }) => result),
    ["a", "b"],
  );
  assert.deepEqual(transport.bodies[0], { lines: [{ exclude: ["nuts"] }, {}] });
});

test("a document that is too large for a request is uploaded", async () => {
  const task = respond(202, [taskJson(1)]);
  const transport = new FakeTransport(created(), new Response(), task, respond(202, taskJson(1)));
  const text = "a".repeat(100_000);
  await client(transport).answer([{ text }, { text }], { wait: 0 });
  assert.match(transport.requests[0]?.url ?? "", /documents$/);
});

test("an error of the service is no reason to upload a document", async () => {
  const transport = new FakeTransport(problem(500, "internal"));
  await assert.rejects(client(transport).answer([{}]), { status: 500 });
});

/** An earlier version of the service refuses the lines, so the document is uploaded. */
test("inputs are answered as one document, in order", async () => {
  const failure = { type: "unknown-ingredient", detail: "Not known." };
  const lines = [
    { line: 2, error: failure },
    { line: 1, result: "sugar" },
    { line: 3, parts: { a: { error: failure }, b: { error: failure } } },
  ];
  const transport = new FakeTransport(
    refusal(),
    created(),
    new Response(),
    respond(202, [taskJson(1)]),
    respond(200, taskJson(1, "SUCCESS", { document, attempts: 2 })),
    new Response(lines.map((line) => JSON.stringify(line)).join("\n")),
  );
  const inputs = [{ ingredients: ["milk"] }, {}, { kind: ["a", "b"] }];
  const results = await client(transport).answer(inputs);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["SUCCESS", "FAIL", "FAIL"],
  );
  assert.deepEqual(results[0]?.names, ["sugar"]);
  assert.equal(results[1]?.error?.detail, "Not known.");
  assert.deepEqual(results[2]?.kind, ["a", "b"]);
  assert.equal(results[0]?.attempts, 2);
  assert.equal(transport.requests[2]?.body, inputs.map((each) => JSON.stringify(each)).join("\n"));
});

test("the progress of a document is reported", async () => {
  const progress = { fraction: 0.5, lines: 2, answered: 1, failed: 1 };
  const transport = new FakeTransport(
    refusal(),
    created(),
    new Response(),
    respond(202, [taskJson(1)]),
    respond(202, taskJson(1, "PROCESSING", { progress })),
    respond(200, taskJson(1, "SUCCESS", { document })),
    new Response('{"line": 1, "result": "a"}\n{"line": 2, "result": "b"}\n'),
  );
  /** @type {object[]} */
  const seen = [];
  await client(transport).answer([{}, {}], { onProgress: (found) => seen.push(found) });
  assert.deepEqual(seen, [
    { done: 0, failed: 0, total: 2, measured: false },
    { done: 2, failed: 1, total: 2, measured: true },
    { done: 2, failed: 0, total: 2, measured: true },
  ]);
});

test("a document that fails fails each of its inputs", async () => {
  const error = { type: "document-missing", detail: "No file.", retryable: false };
  const failed = respond(200, taskJson(1, "FAIL", { error }));
  const transport = new FakeTransport(
    refusal(),
    created(),
    new Response(),
    respond(202, [taskJson(1)]),
    failed,
  );
  const results = await client(transport).answer([{}, {}]);
  assert.deepEqual(
    results.map((result) => result.error?.type),
    Array(2).fill("document-missing"),
  );
});

test("inputs with a deadline become bulk tasks, and a refused one fails alone", async () => {
  const errors = [{ at: "body[1].top_k", detail: "must be a whole number from 1 to 20" }];
  const transport = new FakeTransport(
    problem(422, "invalid", { index: 1, errors }),
    respond(200, [success(1), success(2)]),
  );
  const inputs = [
    { deadline_seconds: 9 },
    { top_k: 99 },
    { priority: /** @type {const} */ ("interactive") },
  ];
  const results = await client(transport).answer(inputs);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["SUCCESS", "FAIL", "SUCCESS"],
  );
  assert.equal(results[1]?.error?.detail, "top_k: must be a whole number from 1 to 20.");
  assert.deepEqual(transport.bodies[1], [
    { deadline_seconds: 9, priority: "bulk" },
    { priority: "interactive" },
  ]);
});

test("inputs with metadata become tasks, because a line of a document has none", async () => {
  const metadata = { order: "17" };
  const transport = new FakeTransport(respond(200, [taskJson(1, "SUCCESS", { metadata })]));
  const [result] = await client(transport).answer([{ metadata }]);
  assert.deepEqual(result?.metadata, metadata);
  assert.deepEqual(transport.bodies, [[{ metadata, priority: "bulk" }]]);
});

test("each request of an answer has the webhook and a key of its own", async () => {
  const finished = (/** @type {number} */ count) => respond(200, Array(count).fill(success(1)));
  const transport = new FakeTransport(finished(99), finished(1));
  const webhook = "https://bar.example/";
  const given = { asDocument: false, webhook, idempotencyKey: "mine" };
  await client(transport).answer(Array(100).fill({}), given);
  const keys = transport.requests.map(({ headers }) => headers.get("Idempotency-Key"));
  assert.deepEqual(keys.toSorted(), ["mine", "mine.1"]);
  for (const { url } of transport.requests)
    assert.equal(new URL(url).searchParams.get("webhook"), webhook);
});

test("an uploaded document has the webhook and the key", async () => {
  const task = respond(202, [taskJson(1)]);
  const transport = new FakeTransport(
    refusal(),
    created(),
    new Response(),
    task,
    respond(202, taskJson(1)),
  );
  const given = { webhook: "https://bar.example/", idempotencyKey: "mine", wait: 0 };
  await client(transport).answer([{}], given);
  const submissions = transport.requests.filter(({ url }) => url.includes("/process"));
  assert.deepEqual(
    submissions.map(({ url, headers }) => [
      new URL(url).searchParams.get("webhook"),
      headers.get("Idempotency-Key"),
    ]),
    Array(2).fill(["https://bar.example/", "mine"]),
  );
});

test("a document has one deadline and metadata of its own, uploaded or not", async () => {
  const transport = new FakeTransport(
    refusal(),
    created(),
    new Response(),
    respond(202, [taskJson(1)]),
    respond(200, taskJson(1, "SUCCESS", { document, metadata: { order: "17" } })),
    new Response('{"line": 1, "result": "a"}\n'),
  );
  const own = { deadline_seconds: 9, metadata: { order: "17" } };
  const [found] = await client(transport).answer([{}], { asDocument: true, ...own });
  assert.deepEqual(transport.bodies[0], { lines: [{}], ...own });
  assert.deepEqual(transport.bodies[3], { document: "s3://b/doc", ...own });
  assert.deepEqual(found?.metadata, own.metadata);
});

test("tasks share no deadline or metadata", async () => {
  for (const own of [{ deadline_seconds: 9 }, { metadata: {} }]) {
    const call = client(new FakeTransport()).answer([{}], { asDocument: false, ...own });
    await assert.rejects(call, /^TypeError: .* Give the inputs a deadline and metadata instead\.$/);
  }
});

test("a document cannot ignore unknown names", async () => {
  const given = { asDocument: true, ignoreUnknown: true };
  const call = client(new FakeTransport()).answer([{}], given);
  await assert.rejects(call, /A document cannot ignore unknown names/);
});

test("a strict call ends at an input that the service refuses, with its position", async () => {
  const inputs = Array(101).fill({});
  const transport = new FakeTransport(
    respond(200, Array(99).fill(success(1))),
    problem(422, "invalid", { index: 1 }),
  );
  await assert.rejects(client(transport).answer(inputs, { strict: true }), { index: 100 });
});

test("an input is not blamed for a webhook that is refused", async () => {
  const errors = [{ at: "query.webhook", detail: "must be an https:// URL" }];
  const transport = new FakeTransport(problem(422, "invalid", { errors }));
  const given = { asDocument: false, webhook: "ftp://bar.example/" };
  await assert.rejects(client(transport).answer([{}], given), { status: 422 });
});

test("a document whose webhook is refused is not uploaded", async () => {
  const errors = [{ at: "query.webhook", detail: "must be an https:// URL" }];
  const transport = new FakeTransport(problem(422, "invalid", { errors }));
  const call = client(transport).answer([{}], { webhook: "ftp://bar.example/" });
  await assert.rejects(call, { status: 422 });
  assert.equal(transport.requests.length, 1);
});

test("tasks that are not finished with their submission are fetched", async () => {
  const submitted = respond(202, [taskJson(1), taskJson(2, "SUCCESS")]);
  const transport = new FakeTransport(
    submitted,
    respond(200, success(1)),
    respond(200, success(2, "ice")),
  );
  const results = await client(transport).answer([{ priority: "bulk" }, {}]);
  assert.deepEqual(
    results.map(({ result }) => result),
    ["sugar", "ice"],
  );
});

test("an error that is about no input ends the call", async () => {
  const transport = new FakeTransport(problem(403, "key-refused"));
  await assert.rejects(client(transport).answer([{ priority: "bulk" }]), { status: 403 });
});

test("after the wait, an unfinished input has its id and the status PROCESSING", async () => {
  const transport = new FakeTransport(respond(202, [taskJson(1)]), respond(202, taskJson(1)));
  const [result] = await client(transport).answer([{ priority: "bulk" }], { wait: 0 });
  assert.deepEqual([result?.task_id, result?.status], ["task-1", "PROCESSING"]);
});

test("no inputs have no results, and need no request", async () => {
  const transport = new FakeTransport();
  assert.deepEqual(await client(transport).answer([]), []);
});
