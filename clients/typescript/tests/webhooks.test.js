import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { Webhook, WebhookVerificationError as OfficialError } from "standardwebhooks";

import { BarbackError, WebhookVerificationError, verify } from "../src/index.js";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes ...").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another of thirty-two bytes .....").toString("base64")}`;
const BODY = '{"task_id":"t","status":"SUCCESS","result":"мёд"}';
const TIME = Math.floor(Date.now() / 1000); // the official library has no other clock

/**
 * Sign with the official library.
 * @param {{body?: string, secret?: string, time?: number}} [options]
 */
function signed({ body = BODY, secret = SECRET, time = TIME } = {}) {
  return {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(time),
    "webhook-signature": new Webhook(secret).sign("msg_1", new Date(time * 1000), body),
  };
}

/** Sign as the specification says, without the official library. */
function signedByHand() {
  const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
  const digest = createHmac("sha256", key).update(`msg_1.${TIME}.${BODY}`).digest("base64");
  return { ...signed(), "webhook-signature": `v1,${digest}` };
}

const valid = signed();
const signature = valid["webhook-signature"];

/** @type {Record<string, [body: string, headers: Record<string, string>]>} */
const ACCEPTED = {
  "signed by the official library": [BODY, valid],
  "signed by hand": [BODY, signedByHand()],
  "with several signatures": [BODY, { ...valid, "webhook-signature": `v1,AAAA ${signature}` }],
  "with a signature of another version": [
    BODY,
    { ...valid, "webhook-signature": `v1a,AAAA ${signature}` },
  ],
  "that is four minutes old": [BODY, signed({ time: TIME - 240 })],
  "from a clock that is four minutes fast": [BODY, signed({ time: TIME + 240 })],
};

/** @type {Record<string, [body: string, headers: Record<string, string>]>} */
const REFUSED = {
  "with another body": [BODY.replace("SUCCESS", "FAIL"), valid],
  "with another id": [BODY, { ...valid, "webhook-id": "msg_2" }],
  "with another time": [BODY, { ...valid, "webhook-timestamp": String(TIME + 1) }],
  "signed with another secret": [BODY, signed({ secret: OTHER })],
  "that is more than five minutes old": [BODY, signed({ time: TIME - 360 })],
  "from the future": [BODY, signed({ time: TIME + 360 })],
  "with a signature of another version only": [
    BODY,
    { ...valid, "webhook-signature": signature.replace("v1,", "v2,") },
  ],
  "with a time that is no number": [BODY, { ...valid, "webhook-timestamp": "now" }],
  "without an id": [BODY, { ...valid, "webhook-id": "" }],
  "without a time": [BODY, { ...valid, "webhook-timestamp": "" }],
  "without a signature": [BODY, { ...valid, "webhook-signature": "" }],
  "with a signature that is not base64": [BODY, { ...valid, "webhook-signature": "v1,*" }],
  "with a part of the signature": [BODY, { ...valid, "webhook-signature": signature.slice(0, -4) }],
};

for (const [name, [body, headers]] of Object.entries(ACCEPTED)) {
  test(`a webhook ${name} is accepted, as by the official library`, async () => {
    assert.deepEqual(new Webhook(SECRET).verify(body, headers), JSON.parse(body));
    assert.deepEqual(await verify(body, headers, SECRET), JSON.parse(body));
  });
}

for (const [name, [body, headers]] of Object.entries(REFUSED)) {
  test(`a webhook ${name} is refused, as by the official library`, async () => {
    assert.throws(() => new Webhook(SECRET).verify(body, headers), OfficialError);
    await assert.rejects(verify(body, headers, SECRET), WebhookVerificationError);
  });
}

test("during a rotation, one of several secrets must match", async () => {
  assert.deepEqual(
    await verify(BODY, signed({ secret: OTHER }), [SECRET, OTHER]),
    JSON.parse(BODY),
  );
  await assert.rejects(verify(BODY, signed(), [OTHER]), WebhookVerificationError);
});

test("the body may be bytes, and the headers those of fetch or of Node", async () => {
  const bytes = Buffer.from(BODY);
  assert.deepEqual(await verify(bytes, new Headers(valid), SECRET), JSON.parse(BODY));
  const upper = Object.entries(valid).map(([name, value]) => [name.toUpperCase(), value]);
  const headers = { ":path": "/", ...Object.fromEntries(upper) };
  assert.deepEqual(await verify(bytes, headers, SECRET), JSON.parse(BODY));
});

test("a secret may lack its prefix and its padding", async () => {
  const secret = SECRET.replace("whsec_", "").replace(/=+$/, "");
  assert.notEqual(`whsec_${secret}`, SECRET);
  assert.deepEqual(await verify(BODY, valid, secret), JSON.parse(BODY));
});

test("the tolerance and the clock can be set", async () => {
  const old = signed({ time: 1000 });
  assert.deepEqual(await verify(BODY, old, SECRET, { now: 1300 }), JSON.parse(BODY));
  await assert.rejects(verify(BODY, old, SECRET, { now: 1301 }), BarbackError);
  assert.deepEqual(
    await verify(BODY, old, SECRET, { now: 1301, tolerance: 301 }),
    JSON.parse(BODY),
  );
});

for (const body of ["no JSON", "[]", "null", "5"]) {
  test(`a signed body ${body} is refused, because it is not a JSON object`, async () => {
    await assert.rejects(verify(body, signed({ body }), SECRET), WebhookVerificationError);
  });
}

for (const secrets of [[], "", "whsec_", "whsec_*", [SECRET, ""]]) {
  test(`the secrets ${JSON.stringify(secrets)} are not valid, and not shown`, async () => {
    await assert.rejects(verify(BODY, valid, secrets), (error) => {
      assert(error instanceof TypeError);
      assert(!error.message.includes(SECRET));
      return true;
    });
  });
}
