import assert from "node:assert/strict";
import { test } from "node:test";

import { AccessRefusedError, AccountClient, sentence } from "../account/accountClient.js";

/** @param {() => Promise<Response>} answer */
function clientWith(answer) {
  /** @type {[string, RequestInit][]} */
  const requests = [];
  let signedOut = 0;
  const client = new AccountClient(
    new URL("http://host/charts/"),
    (address, options) => {
      requests.push([address, options]);
      return answer();
    },
    () => signedOut++,
  );
  return { client, requests, signedOut: () => signedOut };
}

test("requests name users and tokens without doubt", async () => {
  const { client, requests } = clientWith(async () => Response.json({ ok: true }));
  await client.changeUser("anna@lan", { role: "view" });
  await client.revokeToken("a/../b&c");
  assert.deepEqual(
    requests.map(([address, { method, body }]) => [method, address, body]),
    [
      ["PATCH", "http://host/charts/api/users/anna%40lan", '{"role":"view"}'],
      ["DELETE", "http://host/charts/api/tokens?name=a%2F..%2Fb%26c", undefined],
    ],
  );
});

test("a refusal has the reason of the server", async () => {
  const error = "'anna' is the only admin: make somebody else an admin first";
  const { client } = clientWith(async () => Response.json({ ok: false, error }, { status: 409 }));
  await assert.rejects(client.removeUser("anna"), new AccessRefusedError(`${error}.`));
});

test("a missing answer is told", async () => {
  const { client, signedOut } = clientWith(async () => {
    throw new TypeError("failed to fetch");
  });
  await assert.rejects(client.users(), /The server does not answer/);
  assert.equal(signedOut(), 0);
});

test("a session that has ended is noticed", async () => {
  const { client, signedOut } = clientWith(async () => new Response("", { status: 401 }));
  await assert.rejects(client.tokens(), AccessRefusedError);
  assert.equal(signedOut(), 1);
});

test("an error becomes a sentence", () => {
  assert.equal(sentence("the name is taken"), "The name is taken.");
  assert.equal(sentence("Is it?"), "Is it?");
});
