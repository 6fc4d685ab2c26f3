import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Barback, Result, UnexpectedResponse } from "../src/index.js";
import { FakeTransport, lostConnection, respond, taskJson } from "./fakes.js";

const retries = { random: () => 1 };
const content = '["milk"]\n["чай"]\n';
const link = { url: "http://store/results.jsonl?signature=x", expires_in: 900 };
const counts = { lines: 2, answered: 1, failed: 1 };
const finished = new Result(taskJson(1, "SUCCESS", { document: { ...link, ...counts } }));
const answers = [
  '{"line": 1, "result": "мед", "suggestions": [{"ingredient": "мед", "probability": 0.5}]}',
  '{"line": 2, "error": {"type": "unknown-ingredient", "detail": "Not known."}}',
];

/** @param {FakeTransport} transport */
const client = (transport) => new Barback("http://bar", { apiKey: "secret", retries, transport });

/**
 * Return a response whose body arrives in the given parts, and then ends or fails.
 * @param {readonly Uint8Array[]} parts
 * @param {Error} [error]
 */
function stream(parts, error) {
  const rest = [...parts];
  return new Response(
    new ReadableStream({
      pull(controller) {
        const part = rest.shift();
        if (part) controller.enqueue(part);
        else if (error) controller.error(error);
        else controller.close();
      },
    }),
  );
}

/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text);

/** @param {AsyncIterable<import("../src/index.js").LineResult>} lines */
const collect = async (lines) => {
  const found = [];
  for await (const line of lines) found.push(line);
  return found;
};

test("a document is uploaded with its digest, without the API key, and submitted", async () => {
  const url = "http://store/doc.jsonl?signature=a%2Fb";
  const upload = { method: "PUT", url, headers: { "x-amz-checksum-sha256": "digest" } };
  const transport = new FakeTransport(
    respond(201, { document: "s3://bucket/doc.jsonl", upload }),
    new Response(),
    respond(202, [taskJson(1)]),
  );
  const webhook = "https://bar.example/hook";
  const options = { defaults: { exclude: ["nuts"], top_k: 3 }, idempotencyKey: "mine", webhook };
  const task = await client(transport).submitDocument(content, options);
  assert.equal(task.task_id, "task-1");
  const [created, put, submitted] = transport.requests;
  const sha256 = createHash("sha256").update(content).digest("hex");
  const announced = { bytes: bytes(content).length, format: "jsonl", sha256 };
  assert.deepEqual(JSON.parse(created?.body), announced);
  assert.deepEqual([put?.method, put?.url, put?.body], ["PUT", url, content]);
  assert.equal(put?.headers.get("x-amz-checksum-sha256"), "digest");
  assert.equal(put?.headers.get("x-api-key"), null);
  const body = { exclude: ["nuts"], top_k: 3, document: "s3://bucket/doc.jsonl" };
  assert.deepEqual(JSON.parse(submitted?.body), body);
  assert.equal(new URL(submitted?.url ?? "").searchParams.get("webhook"), webhook);
  assert.equal(submitted?.headers.get("Idempotency-Key"), "mine");
});

test("a document may be a Blob or bytes", async () => {
  for (const document of [new Blob([content]), bytes(content), Buffer.from(content)]) {
    const upload = { method: "PUT", url: "http://store/doc" };
    const created = respond(201, { document: "s3://b/doc", upload });
    const transport = new FakeTransport(created, new Response(), respond(202, [taskJson(1)]));
    await client(transport).submitDocument(document, { fileFormat: "text" });
    assert.equal(transport.requests[1]?.body, content);
  }
});

test("the defaults of a document have no ingredients, and nothing is uploaded", async () => {
  const transport = new FakeTransport();
  const defaults = /** @type {any} */ ({ ingredients: ["milk"] });
  const submission = client(transport).submitDocument("[]", { defaults });
  await assert.rejects(submission, /Leave ingredients out of the defaults/);
  assert.deepEqual(transport.requests, []);
});

for (const upload of [null, {}, { method: "PUT", url: 5 }, { method: "PUT", url: "http://[" }]) {
  test(`an upload link ${JSON.stringify(upload)} is an error of the response`, async () => {
    const transport = new FakeTransport(respond(201, { document: "s3://b/doc", upload }));
    await assert.rejects(client(transport).submitDocument("[]"), UnexpectedResponse);
  });
}

test("the results of a document are read line by line, wherever its parts are cut", async () => {
  const all = bytes(answers.join("\n"));
  for (const length of [1, 7, all.length]) {
    const parts = Array.from({ length: Math.ceil(all.length / length) }, (_, part) =>
      all.slice(part * length, (part + 1) * length),
    );
    const transport = new FakeTransport(stream(parts));
    const [first, second] = await collect(client(transport).lines(finished));
    assert.deepEqual([first?.line, first?.result, first?.suggestions.length], [1, "мед", 1]);
    assert.equal(second?.error?.detail, "Not known.");
    assert.equal(transport.requests[0]?.url, link.url);
    assert.equal(transport.requests[0]?.headers.get("x-api-key"), null);
  }
});

test("an upload link that has expired is an error that says so", async () => {
  const upload = { method: "PUT", url: "http://store/doc" };
  const created = respond(201, { document: "s3://b/doc", upload });
  const transport = new FakeTransport(created, new Response("<Error/>", { status: 403 }));
  await assert.rejects(client(transport).submitDocument("[]"), /The link has expired/);
});

test("a lost connection is opened again, and no line comes twice", async () => {
  const cut = stream([bytes(`${answers[0]}\n`)], new TypeError("terminated"));
  const transport = new FakeTransport(cut, lostConnection(), stream([bytes(answers.join("\n"))]));
  const found = await collect(client(transport).lines(finished));
  assert.deepEqual(
    found.map(({ line }) => line),
    [1, 2],
  );
  assert.deepEqual(transport.sleeps, [0.5, 1]);
});

test("a link that has expired is an error that does not blame the API key", async () => {
  const transport = new FakeTransport(new Response("<Error/>", { status: 403 }));
  const message = /^The link has expired/;
  await assert.rejects(collect(client(transport).lines(finished)), { status: 403, message });
});

test("a file that stops arriving counts as lost", async () => {
  let isCancelled = false;
  const stuck = new ReadableStream({
    pull: () => new Promise(() => {}),
    cancel: () => {
      isCancelled = true;
    },
  });
  const abortable = async (/** @type {AbortSignal} */ signal) => {
    const body = new TransformStream();
    void stuck.pipeTo(body.writable, { signal }).catch(() => {});
    return new Response(body.readable);
  };
  const transport = new FakeTransport(abortable, stream([bytes(answers.join("\n"))]));
  const bar = new Barback("http://bar", { timeout: 0.02, retries, transport });
  assert.equal((await collect(bar.lines(finished))).length, 2);
  assert(isCancelled);
});

test("a loop that ends early closes the connection", async () => {
  /** @type {AbortSignal | undefined} */
  let used;
  const transport = new FakeTransport(async (signal) => {
    used = signal;
    return stream([bytes(`${answers.join("\n")}\n`)]);
  });
  for await (const line of client(transport).lines(finished)) {
    assert.equal(line.line, 1);
    break;
  }
  assert(used?.aborted);
});

test("a result without a document has no lines", async () => {
  const transport = new FakeTransport();
  const lines = client(transport).lines(new Result(taskJson(1, "SUCCESS")));
  await assert.rejects(lines.next(), /This result has no lines/);
});
