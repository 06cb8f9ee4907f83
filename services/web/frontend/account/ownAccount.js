import { byId, setText } from "../page/dom.js";
import { AccessRefusedError } from "./accountClient.js";
import { field, onSubmit, runAction } from "./forms.js";

/**
 * Connect what people can do with their own account.
 *
 * @param {import("./accountClient.js").AccountClient} client
 * @param {import("../feed/addresses.js").Addresses} addresses
 */
export function setUpOwnAccount(client, addresses) {
  byId("account-sign-out").addEventListener("click", () => {
    runAction("account-error", async () => {
      await client.signOutEverywhere();
      location.assign(addresses.login("account"));
    });
  });
  const [old, fresh, again] = ["password-old", "password-new", "password-again"].map(field);
  onSubmit("password-form", "password-error", async () => {
    setText(byId("password-done"), "");
    if (fresh.value !== again.value) throw new AccessRefusedError("The two new passwords differ.");
    await client.changePassword({ old: old.value, new: fresh.value });
    old.value = fresh.value = again.value = "";
    setText(byId("password-done"), "Your password is changed.");
  });
}
