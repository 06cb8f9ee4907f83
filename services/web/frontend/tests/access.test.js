import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses } from "../feed/addresses.js";
import { Access } from "../page/access/access.js";
import { accountEntry } from "../page/access/accessMenu.js";

const addresses = new Addresses("http://host/", "./");
const ANNA = { kind: "user", name: "anna", role: "view", series: null, login_required: true };

/** @param {(() => Response)[]} answers */
function accessWith(...answers) {
  /** @type {string[]} */
  const requested = [];
  const events = { change: 0, signout: 0 };
  const access = new Access(addresses, async (address) => {
    requested.push(address);
    const answer = answers.shift();
    if (!answer) throw new TypeError("failed to fetch");
    return answer();
  });
  for (const type of /** @type {const} */ (["change", "signout"])) {
    access.addEventListener(type, () => events[type]++);
  }
  return { access, requested, events };
}

const ok = (/** @type {object} */ me) => () => Response.json(me);
const refused = () => new Response("{}", { status: 401 });

test("a change of the role is noticed once", async () => {
  const { access, events } = accessWith(ok(ANNA), ok(ANNA), ok({ ...ANNA, role: "write" }));
  for (let i = 0; i < 3; i++) await access.refresh();
  assert.equal(access.me?.role, "write");
  assert.equal(events.change, 2);
});

test("without an answer, what is known stays", async () => {
  const { access, events } = accessWith(ok(ANNA), () => new Response("", { status: 503 }));
  for (let i = 0; i < 3; i++) await access.refresh();
  assert.equal(access.me?.name, "anna");
  assert.deepEqual(events, { change: 1, signout: 0 });
});

test("a page that is signed out says so once and sends nothing more", async () => {
  const { access, requested, events } = accessWith(refused, ok(ANNA));
  assert.equal((await access.fetch("http://host/api/history")).status, 401);
  assert.ok(access.isSignedOut);
  await assert.rejects(access.fetch("http://host/api/history"));
  await access.refresh();
  access.signOut();
  assert.deepEqual(requested, ["http://host/api/history"]);
  assert.deepEqual(events, { change: 0, signout: 1 });
});

test("the menu leads each person to the right page", () => {
  const entry = (/** @type {object} */ changes) =>
    accountEntry(/** @type {any} */ ({ ...ANNA, exposed: false, ...changes }));
  assert.deepEqual(entry({}), { page: "account", label: "Account", hint: "anna" });
  assert.equal(entry({ kind: "anonymous" })?.page, "login");
  assert.equal(entry({ kind: "share" }), null);
  assert.deepEqual(entry({ kind: "everybody" }), { page: "setup", label: "Set up a login", hint: "" });
  assert.match(entry({ kind: "everybody", exposed: true })?.hint ?? "", /^Anybody who reaches/);
});

test("the login leads back to a page below the root", () => {
  const below = new Addresses("http://host/charts/v/home", "../");
  const login = below.login("v/home?window=1h");
  assert.equal(login, "http://host/charts/login?next=%2Fv%2Fhome%3Fwindow%3D1h");
});
