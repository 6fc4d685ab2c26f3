import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, Barback, UnexpectedResponse } from "../src/index.js";
import { FakeTransport, problem, respond, success } from "./fakes.js";

/** @param {FakeTransport} transport */
const client = (transport) =>
  new Barback("http://bar/dev/", { apiKey: "secret", language: "ru", transport });

test("a request goes to the path of the stage, with the API key and the language", async () => {
  const transport = new FakeTransport(respond(200, []));
  await client(transport).ingredients("мо", { limit: 3 });
  const [sent] = transport.requests;
  assert.equal(sent?.url, "http://bar/dev/api/ingredients?q=%D0%BC%D0%BE&limit=3");
  assert.equal(sent?.headers.get("x-api-key"), "secret");
  assert.equal(sent?.headers.get("Accept-Language"), "ru");
});

test("a redirect is not followed, because another server would get the API key", async () => {
  const redirect = new Response(null, { status: 302, headers: { Location: "http://other" } });
  const transport = new FakeTransport(redirect);
  await assert.rejects(client(transport).groups(), /http:\/\/bar redirects to another address/);
  assert.equal(transport.requests[0]?.redirect, "manual");
});

test("a problem is an error with its type, its detail and its members", async () => {
  const unknown = [{ name: "strawbery", nearest: ["strawberry"] }];
  const transport = new FakeTransport(problem(422, "unknown-ingredient", { unknown, index: 1 }));
  await assert.rejects(client(transport).groups(), (error) => {
    assert(error instanceof ApiError);
    assert.equal(error.name, "ApiError");
    assert.equal(error.message, "Change the request.");
    assert.equal(error.type, "urn:barback:problem:unknown-ingredient");
    assert.equal(error.index, 1);
    assert.deepEqual(error.problem.unknown?.[0]?.nearest, ["strawberry"]);
    return true;
  });
});

test("an error page of a gateway is described by its status", async () => {
  const page = () => new Response("<h1>Bad</h1>", { status: 500, statusText: "Oops" });
  const transport = new FakeTransport(page(), new Response("{}", { status: 403 }));
  const bar = client(transport);
  await assert.rejects(bar.groups(), {
    type: "about:blank",
    message: /^http:\/\/bar returned 500 Oops\./,
  });
  await assert.rejects(bar.groups(), { status: 403, message: /did not accept the API key/ });
});

for (const body of ["<html>", "null", "[{}]", '[{"task_id": "t", "status": "NEW"}]', "[]"]) {
  test(`a response ${body} does not come from the service`, async () => {
    const transport = new FakeTransport(new Response(body));
    await assert.rejects(client(transport).suggest(), UnexpectedResponse);
  });
}

test("fields that this version does not know are ignored", async () => {
  const transport = new FakeTransport(respond(200, [{ ...success(1), of_tomorrow: 1 }]));
  const result = await client(transport).suggest(["milk"]);
  assert.deepEqual(result.names, ["sugar"]);
  assert(!("of_tomorrow" in result));
});

for (const url of ["", "bar", "ftp://bar", "http://", "http://user:pass@bar"]) {
  test(`'${url}' is refused as a URL`, () => {
    assert.throws(() => new Barback(url), TypeError);
  });
}

test("a key that no header can carry is refused without being shown", async () => {
  assert.throws(
    () => new Barback("http://bar", { apiKey: "geheim\n" }),
    (error) => {
      assert(error instanceof TypeError);
      assert.match(error.message, /^The API key may have printable ASCII characters only/);
      assert(!error.message.includes("geheim"));
      return true;
    },
  );
  const bar = new Barback("http://bar");
  await assert.rejects(bar.submit([], { idempotencyKey: "ключ" }), /The idempotency key/);
});

test("a client does not show its API key when it is printed", async () => {
  const { inspect } = await import("node:util");
  const bar = client(new FakeTransport());
  assert(!inspect(bar, { depth: null, showHidden: true }).includes("secret"));
  assert.equal(JSON.stringify(bar), "{}");
});
