/** The client against a running stack. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, Barback, TaskTimeout } from "../src/index.js";
import { startStack } from "./stack.js";

const url = await startStack();
const bar = new Barback(url);

test("a drink gets suggestions with probabilities", async () => {
  const result = await bar.suggest(["milk", "strawberry"], { top_k: 2, because: true });
  assert.equal(result.status, "SUCCESS");
  assert.equal(result.suggestions.length, 2);
  const [best] = result.suggestions;
  assert.equal(best?.ingredient, result.result);
  assert(best && best.probability > 0 && best.probability <= 1);
  assert(best.because && best.because.share >= 0);
  assert(result.timings && result.timings.total >= 0);
});

test("a drink is completed in the caller's language", async () => {
  const russian = new Barback(url, { language: "ru" });
  const { names } = await russian.complete(["молоко"], { length: 3 });
  assert.equal(names.length, 2);
  assert.match(names.join(), /^[а-яё ,]+$/i);
});

test("the result repeats the metadata of the request", async () => {
  const metadata = { order: "17" };
  assert.deepEqual((await bar.suggest(["milk"], { metadata })).metadata, metadata);
});

test("the ingredients of a text are understood", async () => {
  const { understood } = await bar.suggest([], { text: "milk, no sugar" });
  assert.equal(understood?.ingredients[0]?.ingredient, "milk");
  assert.equal(understood?.excluded[0]?.ingredient, "sugar");
});

test("an excluded group is honoured", async () => {
  const { names } = await bar.suggest(["coffee"], { exclude: ["group:dairy"], top_k: 20 });
  const dairy = await bar.ingredients();
  const allowed = dairy.filter(({ contains }) => contains && !contains.includes("dairy"));
  assert(names.every((name) => allowed.some((each) => each.name === name)));
});

test("several kinds are answered in parts", async () => {
  const result = await bar.run(["next", "complete"], { ingredients: ["milk"] });
  assert(result.parts["next"]?.result);
  assert(result.parts["complete"]?.result);
  assert.deepEqual(result.failedParts, {});
});

test("a kind of its own has an output", async () => {
  const result = await bar.run("similar", { ingredients: ["milk", "strawberry"] });
  assert(result.output);
});

test("a misspelt exclusion is refused with the nearest names", async () => {
  await assert.rejects(bar.suggest(["milk"], { exclude: ["strawbery"] }), (error) => {
    assert(error instanceof ApiError);
    assert.equal(error.type, "urn:barback:problem:unknown-ingredient");
    assert(error.problem.unknown?.[0]?.nearest.includes("strawberry"));
    return true;
  });
});

test("a submission with the same key returns the same tasks", async () => {
  const inputs = Array.from({ length: 120 }, () => ({ ingredients: ["milk"] }));
  const first = await bar.submit(inputs, { idempotencyKey: "order-17" });
  const second = await bar.submit(inputs, { idempotencyKey: "order-17" });
  assert.equal(new Set(first.map(({ task_id }) => task_id)).size, 120);
  assert.deepEqual(
    second.map(({ task_id }) => task_id),
    first.map(({ task_id }) => task_id),
  );
  const results = await bar.results(first, { wait: 30 });
  assert(results.every(({ status }) => status === "SUCCESS"));
});

test("a task can be cancelled once", async () => {
  const [task] = await bar.submit({ ingredients: ["milk"], priority: "bulk" });
  assert(task);
  assert.equal((await bar.cancel(task)).status, "CANCELLED");
  assert.equal((await bar.cancel(task)).status, "CANCELLED");
  assert.equal((await bar.status(task)).isFinal, true);
});

test("a task that is not finished in time goes on", async () => {
  let error;
  try {
    const options = { priority: /** @type {const} */ ("bulk"), wait: 0 };
    await bar.suggest(["milk"], options);
  } catch (caught) {
    error = caught;
  }
  assert(error instanceof TaskTimeout);
  const [task] = error.tasks;
  assert(task);
  assert.equal((await bar.result(task, { wait: 20 })).status, "SUCCESS");
});

test("the lines of a document are uploaded, followed, and read one by one", async () => {
  const document = '["milk"]\n{"ingredients": ["strawbery"]}\n{"kind": "complete", "length": 2}\n';
  const task = await bar.submitDocument(document, { defaults: { exclude: ["sugar"], top_k: 1 } });
  const result = await bar.result(task, { wait: 60, onProgress: () => {} });
  assert.equal(result.document?.lines, 3);
  const found = [];
  for await (const line of bar.lines(result)) found.push(line);
  assert.deepEqual(
    found.map(({ line }) => line),
    [1, 2, 3],
  );
  assert.equal(found[0]?.suggestions.length, 1);
  assert.equal(found[1]?.error?.type, "unknown-ingredient");
  assert.equal(found[2]?.result.split(";").length, 2);
});

test("the same document with the same key is one task", async () => {
  const options = { idempotencyKey: "evening" };
  const first = await bar.submitDocument('["milk"]', options);
  assert.equal((await bar.submitDocument('["milk"]', options)).task_id, first.task_id);
});

test("many inputs are answered in order, and a refused one fails alone", async () => {
  const inputs = [{ ingredients: ["milk"] }, { ingredients: ["strawbery"] }, { kind: "complete" }];
  for (const priority of [undefined, /** @type {const} */ ("bulk")]) {
    const results = await bar.answer(
      inputs.map((each) => (priority ? { ...each, priority } : each)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ["SUCCESS", "FAIL", "SUCCESS"],
    );
  }
});

test("ingredients, groups and queues are listed", async () => {
  const [chocolate] = await bar.ingredients("choc", { limit: 1 });
  assert(chocolate?.name.startsWith("choc"));
  assert((await bar.groups()).some(({ group }) => group === "group:dairy"));
  assert.equal(typeof (await bar.queue())["interactive"]?.depth, "number");
});

test("an unknown task is an error", async () => {
  await assert.rejects(bar.result("01a21996-014c-7c3b-8d4e-000000000000"), { status: 404 });
});

test("the tasks of an array are a batch", async () => {
  const tasks = await bar.submit([{ ingredients: ["milk"] }, { ingredients: ["tea"] }]);
  const batch = await bar.batch(tasks[0] ?? "", { wait: 30 });
  assert(batch.isFinal);
  assert.deepEqual(
    batch.results.map(({ task_id }) => task_id),
    tasks.map(({ task_id }) => task_id),
  );
  assert(batch.results.every(({ names }) => names.length === 1));
  assert.deepEqual((await bar.cancelBatch(batch.batch_id)).cancelled, []);
});

test("a cancelled task is listed, and retried once", async () => {
  const own = new Barback(url, { apiKey: "retries" });
  const [task] = await own.submit({ priority: "bulk", metadata: { order: "17" } });
  assert(task);
  await own.cancel(task);
  const found = [];
  for await (const each of own.tasks({ status: "CANCELLED", limit: 5 })) found.push(each);
  assert.deepEqual(
    found.map(({ task_id, metadata }) => [task_id, metadata]),
    [[task.task_id, { order: "17" }]],
  );
  const [retried, again] = [await own.retry(task), await own.retry(task)];
  assert.notEqual(retried.task_id, task.task_id);
  assert.equal(again.task_id, retried.task_id);
  assert.deepEqual((await own.result(retried, { wait: 30 })).metadata, { order: "17" });
});
