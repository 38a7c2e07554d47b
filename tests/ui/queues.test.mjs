// Queues: made in the form, taken from by labelers and reviewers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { login, quiet, ROLE, stage, step, until } from "./lab.mjs";

const { open, serve } = stage();

test("a queue: made in the form, two labelers never get the same image, a reviewer takes what is confirmed", async () => {
  const s = await serve();
  await s.meta();
  const people = {};
  for (const [name, role] of [["one", ROLE.annotator], ["two", ROLE.annotator], ["boris", ROLE.reviewer]]) people[name] = await s.user(name, role);
  const manager = await open(s);
  await login(manager, "admin", "admin-password");
  await manager.getByRole("link", { name: "Queues" }).click();
  await manager.getByText("No queues yet").waitFor();
  await manager.getByRole("link", { name: "New queue" }).first().click();
  await manager.getByLabel("Name").fill("night shift");
  for (const who of ["one", "two"]) await manager.getByLabel("Labelers").selectOption({ label: `${who} — annotator` });
  await manager.getByLabel("Reviewers").selectOption({ label: "boris — reviewer" });
  await manager.getByRole("group", { name: /^Classes/ }).getByRole("button", { name: "lemon" }).click();
  assert.match(await manager.locator("pre.code").textContent(), /api\.labeling_queue\.create\(\n\s+name="night shift"/);
  await manager.getByRole("button", { name: /Create queue/ }).click();
  await manager.getByRole("heading", { name: "night shift" }).waitFor();
  await manager.getByText("6 images").first().waitFor();

  const take = async (name) => {
    const page = await open(s);
    await login(page, name, people[name].password);
    await page.getByRole("link", { name: "Take the next image" }).click();
    await page.waitForFunction(() => window.__labeld?.doc);
    return page;
  };
  const [one, two] = [await take("one"), await take("two")];
  const image = (page) => page.evaluate(() => window.__labeld.doc.imageId);
  const first = await image(one);
  assert.notEqual(first, await image(two));
  await step(one, "Enter"); // confirmed, and the next comes
  const second = await image(one);
  assert.ok(second !== first && second !== (await image(two)));
  await step(one, "s"); // skipped: it goes behind the others
  assert.ok(![first, second].includes(await image(one)));
  await manager.getByRole("group", { name: "Images shown" }).getByRole("button", { name: "Confirmed" }).click();
  await manager.getByText("1 image", { exact: true }).waitFor();

  const boris = await open(s);
  await login(boris, "boris", people.boris.password);
  await boris.getByRole("link", { name: "Reviews" }).click();
  await boris.getByRole("link", { name: "Take the next image" }).click();
  await boris.waitForFunction((id) => window.__labeld?.doc?.imageId === id, first);
  await boris.keyboard.press("a");
  await boris.getByRole("heading", { name: "The queue is empty" }).waitFor();
  const q = await until("accepted", async () => {
    const [x] = (await s.call("labeling-queues.list", { teamId: s.teamId })).entities;
    return x.acceptedCount === 1 && x;
  });
  assert.deepEqual([q.entitiesCount, q.inProgressCount, q.pendingCount], [6, 2, 3]);
  await manager.getByRole("button", { name: "Stop" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Stop queue" }).click();
  await manager.getByRole("button", { name: "Start again" }).waitFor();
  await one.keyboard.press("Enter");
  await one.getByText(/queue is stopped/).waitFor();
  await manager.getByRole("button", { name: "Take out two" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Take out" }).click();
  await manager.getByText("two has left the queue").waitFor();
  await manager.getByRole("button", { name: "Take out two" }).waitFor({ state: "detached" });
  await two.getByText(/has been stopped, or is no longer yours/).waitFor();
  await boris.keyboard.press("Escape");
  await boris.keyboard.press("Shift+X"); // after all: it goes back to who has labeled it
  await boris.locator("header button:disabled", { hasText: "Accept" }).waitFor();
  for (const p of [manager, one, two, boris]) quiet(p);
});

test("a queue of a collection: chosen in the form, by tags too; its pool grows with the collection", async () => {
  const s = await serve();
  await s.meta();
  await s.user("one", ROLE.annotator);
  await s.user("boris", ROLE.reviewer);
  const images = (await s.call("images.list", { datasetId: s.datasetId })).entities.map((i) => i.id);
  await s.call("entities-collections.add", { projectId: s.projectId, name: "empty ones" });
  const { id } = await s.call("entities-collections.add", { projectId: s.projectId, name: "hard ones" });
  const put = (...at) => s.call("entities-collections.items.bulk.add", { collectionId: id, entityIds: at.map((i) => images[i]) });
  await put(1, 3);
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await page.goto(`${s.url}/queues/new`);
  await page.getByLabel("Name").fill("hard night");
  await page.getByRole("button", { name: "Pick by hand" }).click();
  await page.getByRole("heading", { name: "0 images of 6" }).waitFor();
  await page.getByRole("button", { name: "A collection" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("None now; what is put into the collection comes to the queue.").waitFor();
  await page.getByLabel("Collection").selectOption({ label: "hard ones" });
  await page.getByRole("heading", { name: "2 images of 2" }).waitFor();
  for (const name of ["Range", "Pick by hand"]) assert.equal(await page.getByRole("button", { name }).count(), 0);
  await page.getByRole("button", { name: "By tags" }).waitFor();
  await page.getByLabel("Labelers").selectOption({ label: "one — annotator" });
  await page.getByLabel("Reviewers").selectOption({ label: "boris — reviewer" });
  assert.match(await page.locator("pre.code").textContent(), new RegExp(`name="hard night",\n +collection_id=${id},\n`));
  await page.getByRole("button", { name: /Create queue/ }).click();
  await page.getByRole("heading", { name: "hard night" }).waitFor();
  await page.getByText("images of the collection hard ones").waitFor();
  await page.getByText("2 images", { exact: true }).waitFor();
  const [queue] = (await s.call("labeling-queues.list", { teamId: s.teamId })).entities;
  assert.deepEqual([queue.collectionId, queue.datasetId, queue.entitiesCount], [id, null, 2]);
  await put(4, 5);
  await page.reload();
  await page.getByText("4 images", { exact: true }).waitFor();
  await page.goto(`${s.url}/jobs/new`);
  await page.getByRole("radio", { name: /6 images/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "A collection" }).count(), 0, "jobs are of datasets");
  quiet(page);
});
