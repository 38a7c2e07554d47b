// Accounts: first run, sessions, tokens, roles.
import assert from "node:assert/strict";
import { test } from "node:test";
import { calm, login, quiet, ROLE, stage } from "./lab.mjs";

const { open, serve } = stage();

test("first run makes the administrator, once", async () => {
  const s = await serve({ init: false });
  const page = await open(s);
  await page.goto(s.url);
  await page.getByRole("heading", { name: "Create the administrator" }).waitFor();
  await page.getByLabel("Login").fill("root");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByLabel("Password again").fill("short");
  await page.getByRole("button", { name: /Create and sign in/ }).click();
  await page.getByText(/a password has 8 to 256 bytes/).waitFor();
  await page.getByLabel("Password", { exact: true }).fill("long enough");
  await page.getByLabel("Password again").fill("long enough");
  await page.getByRole("button", { name: /Create and sign in/ }).click();
  await page.getByRole("heading", { name: "Labeling jobs" }).waitFor();
  const again = await fetch(`${s.url}/api/setup`, { method: "POST", headers: { "x-csrf-token": "x" }, body: JSON.stringify({ login: "two", password: "long enough" }) });
  assert.equal(again.status, 400);
  quiet(page);
});

test("login: wrong password, no team, right, logout; cookie and session", async () => {
  const s = await serve();
  const lonely = await s.user("lonely");
  const page = await open(s);
  await page.goto(s.url);
  for (const [who, password, says] of [["admin", "wrong-password", "wrong login or password"], ["lonely", lonely.password, "in no team yet"]]) {
    await page.getByLabel("Login").fill(who);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: /Sign in/ }).click();
    await page.getByRole("alert").filter({ hasText: says }).waitFor();
  }
  await login(page, "admin", "admin-password");
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");
  const stolen = { cookie: `${cookie.name}=${cookie.value}` };
  const post = (headers) => fetch(`${s.url}/public/api/v3/users.me`, { method: "POST", headers, body: "{}" }).then((r) => r.status);
  assert.equal(await post(stolen), 401, "without the header of our pages");
  assert.equal(await post({ "x-api-key": cookie.value }), 401, "a session is no API token");
  await page.locator("summary", { hasText: "Account menu" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const get = await fetch(`${s.url}/public/api/v3/users.me`, { headers: stolen });
  assert.equal(get.status, 401, "the session has ended on the server");
  quiet(page);
});

test("API token page: a token that works, shown once", async () => {
  const s = await serve();
  const page = await open(s);
  await login(page, "admin", "admin-password");
  const make = async () => {
    await page.goto(`${s.url}/account`);
    await page.getByRole("button", { name: "Make a new token" }).click();
    await page.getByRole("button", { name: "Make token" }).click();
    return page.getByTestId("token").textContent();
  };
  const first = await make();
  assert.equal((await s.call("users.me", {}, first)).login, "admin");
  const second = await make();
  await assert.rejects(s.call("users.me", {}, first), /401/);
  assert.equal((await s.call("users.me", {}, second)).login, "admin");
  await page.reload();
  assert.equal(await page.getByTestId("token").count(), 0);
  quiet(page);
});

test("what each role must not see", async () => {
  const s = await serve();
  const other = await s.user("other", ROLE.annotator);
  const job = await s.job({ name: "secret job", userIds: [other.id] });
  for (const [role, links] of [["annotator", ["My jobs", "Statistics"]], ["viewer", ["Labeling jobs", "My jobs", "Projects", "Guides", "Issues", "Members", "Statistics"]], ["reviewer", ["Labeling jobs", "My jobs", "Reviews", "Queues", "Projects", "Guides", "Issues", "Members", "Statistics"]]]) {
    const u = await s.user(`the_${role}`, ROLE[role]);
    const page = await open(s);
    const seen = [];
    page.on("response", async (r) => seen.push(await r.text().catch(() => "")));
    await login(page, u.login, u.password);
    assert.deepEqual(await page.getByRole("navigation", { name: "Main" }).locator("a > span").allTextContents(), links);
    for (const path of [`/jobs/${job.id}`, `/label/${job.id}`, "/jobs", "/work", "/activity", "/statistics", "/users", "/queues", "/projects"]) {
      await page.goto(s.url + path);
      await calm(page);
    }
    assert.ok(!seen.some((t) => t.includes("secret job")), `${role} received nothing of the job`);
    await page.context().close();
  }
});
