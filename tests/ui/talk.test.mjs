// Guides, issues and webhooks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { login, openTool, quiet, ROLE, stage } from "./lab.mjs";

const { open, serve } = stage();

test("a guide is written, chosen for a job, and read in the tool", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await page.getByRole("link", { name: "Guides" }).click();
  await page.getByRole("link", { name: "New guide" }).first().click();
  await page.getByLabel("Name").fill("How we draw fruits");
  await page.getByRole("textbox", { name: "Text" }).fill("# Rules\n\nAlways **whole** fruits. <img src=x onerror=alert(1)>");
  await page.getByRole("button", { name: "Save guide" }).click();
  await page.getByRole("heading", { name: "Rules" }).waitFor();
  await page.goto(`${s.url}/jobs/new`);
  await page.getByLabel("Name").fill("guided");
  await page.getByLabel("Labelers").selectOption({ label: "hand — annotator" });
  await page.getByLabel("Guide").selectOption({ label: "How we draw fruits" });
  await page.getByRole("button", { name: /Create job/ }).click();
  await page.getByRole("heading", { name: "guided", level: 1 }).waitFor();
  const [job] = (await s.call("jobs.list", { teamId: s.teamId })).entities;
  const hand = await open(s);
  await login(hand, "hand", l.password);
  await openTool(hand, `/label/${job.id}`);
  await hand.keyboard.press("i");
  await hand.getByRole("dialog").getByRole("heading", { name: "Rules" }).waitFor();
  for (const p of [page, hand]) {
    p.wrong = p.wrong.filter((w) => !/inline event handler/.test(w)); // of the guide: blocked, as it should be
    quiet(p);
  }
});

test("an issue is opened, talked about by two, closed", async () => {
  const s = await serve();
  const m = await s.user("anna", ROLE.manager);
  const [admin, anna] = [await open(s), await open(s)];
  await login(admin, "admin", "admin-password");
  await admin.goto(`${s.url}/issues`);
  await admin.getByText("No open issues").waitFor();
  await admin.getByRole("button", { name: "New issue" }).click();
  await admin.getByLabel("Name").fill("Half lemons");
  await admin.getByLabel("First comment").fill("Are they *lemons*?");
  await admin.getByLabel("For").selectOption({ label: "anna — manager" });
  await admin.getByRole("button", { name: "Open issue" }).click();
  await admin.getByRole("heading", { name: "Half lemons" }).waitFor();
  await login(anna, "anna", m.password);
  await anna.getByRole("link", { name: "Issues" }).click();
  await anna.getByRole("link", { name: "Half lemons" }).click();
  await anna.getByLabel("Say something").fill("They are.");
  await anna.getByRole("button", { name: "Comment" }).click();
  await anna.getByRole("article", { name: "Comment by anna" }).getByText("They are.").waitFor();
  await anna.getByRole("button", { name: "Close issue" }).click();
  await anna.getByRole("button", { name: "Open again" }).waitFor();
  const [issue] = (await s.call("issues.list", { teamId: s.teamId })).entities;
  assert.equal(issue.status, "closed");
  assert.deepEqual((await s.call("issues.info", { id: issue.id })).comments.map((c) => c.createdByUser), ["admin", "anna"]);
  for (const p of [admin, anna]) quiet(p);
});

test("a webhook: a private address is refused on delivery, and the log says so; its key is shown; removed", async () => {
  const s = await serve();
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await page.goto(`${s.url}/webhooks`);
  await page.getByRole("button", { name: "New webhook" }).first().click();
  await page.getByLabel("Address").fill("http://127.0.0.1:9/hook");
  await page.getByLabel("Try again").fill("0");
  await page.getByRole("button", { name: "Save webhook" }).click();
  const refused = page.getByRole("dialog").getByRole("alert");
  const row = page.getByRole("cell", { name: "http://127.0.0.1:9/hook" });
  await refused.or(row).first().waitFor();
  if (await refused.count()) { // refused at once: then with a name
    await page.getByLabel("Address").fill("http://localhost:9/hook");
    await page.getByRole("button", { name: "Save webhook" }).click();
    await page.getByRole("cell", { name: "http://localhost:9/hook" }).waitFor();
  }
  await page.getByRole("button", { name: /^Test/ }).click();
  await page.getByRole("region", { name: "Deliveries" }).getByText("failed").waitFor();
  await page.locator("summary", { hasText: "More for webhook" }).click();
  await page.getByRole("button", { name: "Signing key…" }).click();
  const [{ id }] = (await s.call("webhooks.list", { teamId: s.teamId })).entities;
  const { secret } = await s.call("webhooks.info", { id });
  await page.getByRole("dialog").getByText(secret).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator("summary", { hasText: "More for webhook" }).click();
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove webhook" }).click();
  await page.getByText("No webhooks yet").waitFor();
  quiet(page);
});
