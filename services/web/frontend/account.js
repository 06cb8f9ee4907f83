import { AccountClient } from "./account/accountClient.js";
import { setUpOwnAccount } from "./account/ownAccount.js";
import { Question } from "./account/question.js";
import { StatusRefresh } from "./account/statusRefresh.js";
import { TokenList } from "./account/tokenList.js";
import { UserList } from "./account/userList.js";
import { Addresses } from "./feed/addresses.js";
import { readPreference } from "./page/preferences.js";

const { dataset } = document.documentElement;
const theme = readPreference("theme");
if (theme) dataset.theme = theme;

const account = document.getElementById("account");
const addresses = new Addresses(document.baseURI, dataset.root ?? "./");
const client = new AccountClient(addresses.root, (...request) => fetch(...request), () => {
  location.assign(addresses.login("account"));
});

if (account?.dataset.kind === "user") setUpOwnAccount(client, addresses);
if (document.getElementById("users")) {
  const question = new Question();
  new UserList(client, question, account?.dataset.name ?? "").load();
  new TokenList(client, question).load();
}
if (document.getElementById("status-figures")) {
  const load = async () => {
    const response = await fetch(location.href);
    if (!response.ok) throw new Error(response.statusText);
    return response.text();
  };
  new StatusRefresh(document, load).start();
}
