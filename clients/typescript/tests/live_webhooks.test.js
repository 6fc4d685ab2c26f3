/** Deliveries of a running stack to a server of this test. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { Barback, WebhookVerificationError, verify } from "../src/index.js";
import { startStack } from "./stack.js";

const bar = new Barback(await startStack());
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  response.writeHead(204).end();
  server.emit("delivery", { body, headers: request.headers });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const address = server.address();
const webhook = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`;

/**
 * Return the next delivery.
 * @returns {Promise<{body: Buffer, headers: import("node:http").IncomingHttpHeaders}>}
 */
async function delivered() {
  const [delivery] = await once(server, "delivery");
  return delivery;
}

test("a delivery is verified with the secrets of the caller", async () => {
  const waiting = delivered();
  const [task] = await bar.submit({ ingredients: ["milk"] }, { webhook });
  assert(task);
  const { body, headers } = await waiting;
  const result = await verify(body, headers, await bar.webhookSecrets());
  assert.equal(result["task_id"], task.task_id);
  assert.equal(result["status"], "SUCCESS");
  const changed = Buffer.concat([body, Buffer.from(" ")]);
  const secrets = await bar.webhookSecrets();
  await assert.rejects(verify(changed, headers, secrets), WebhookVerificationError);
});

test("after a rotation, the new and the old secret verify", async () => {
  const first = delivered();
  const tasks = await bar.submit([{}, {}], { webhook });
  await first;
  const secrets = await bar.rotateWebhookSecret();
  assert.equal(secrets.length, 2);
  const again = delivered();
  assert.equal((await bar.redeliver(tasks[0] ?? "")).webhook, webhook);
  const { body, headers } = await again;
  for (const secret of secrets) {
    const batch = await verify(body, headers, secret);
    assert.equal(batch["batch_id"], tasks[0]?.batch_id);
  }
  const delivery = await bar.deliveries(tasks[1] ?? "");
  assert.equal(delivery.attempts[0]?.status, 204);
});
