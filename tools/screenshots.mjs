// The pictures in docs/ui and the tour, made from the demo data: make screenshots
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browser, calm, login, openTool, place, ROOT, saved, Server, step, window } from "../tests/ui/lab.mjs";
import { ellipse, orchard } from "../tests/ui/scene.mjs";

const out = join(ROOT, "docs/ui");
const frames = mkdtempSync(join(tmpdir(), "labeld-tour-"));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const s = await new Server().start();
const { people, jobs, classes } = await orchard(s);
const [lemons, kiwis] = jobs;
const { id: queue } = await s.call("labeling-queues.add", { name: "night shift", datasetId: s.datasetId, userIds: [people.labeler_1.id, people.labeler_2.id], reviewerIds: [people.boris.id] });
const { id: collection } = await s.call("entities-collections.add", { projectId: s.projectId, name: "Fruits that touch", description: "For a second look, by those who know them" });
await s.call("entities-collections.items.bulk.add", { collectionId: collection, entityIds: lemons.entities.slice(1, 5).map((e) => e.id) });

const chrome = await browser();
const shoot = async (page, name) => {
  await calm(page);
  await page.waitForFunction(() => [...document.querySelectorAll(".pic > span, .cover > span")].every((e) => e.getBoundingClientRect().top > innerHeight || e.querySelector("img")?.complete));
  await page.screenshot({ path: join(out, `${name}.png`) });
};
let n = 0;
const frame = async (page, times = 1) => {
  for (let i = 0; i < times; i++) await page.screenshot({ path: join(frames, `${String(n++).padStart(3, "0")}.png`) });
};
const pose = (page) => page.mouse.move(300, 620);

// A fruit traced by hand: along an ellipse, then filled by strokes inside it.
async function fruit(page, [cx, cy, rx, ry], show) {
  await page.evaluate((d) => { window.__labeld.size.value = d; }, Math.round(Math.min(rx, ry) * 0.9));
  const at = (a, k) => place(page, cx + Math.cos(a) * rx * k, cy + Math.sin(a) * ry * k);
  await page.mouse.move(...(await at(0, 0.55)));
  await page.mouse.down();
  for (let i = 1; i <= 16; i++) {
    await page.mouse.move(...(await at((i / 16) * 6.35, 0.55)), { steps: 2 });
    if (show && i % 3 === 0) await frame(page);
  }
  for (const k of [0.3, 0]) for (let i = 0; i <= 8; i++) await page.mouse.move(...(await at((i / 8) * 6.35, k)), { steps: 2 });
  await page.mouse.up();
}

// ---- managers ----

const screens = { "new-job": `/jobs/new?from=${lemons.id}`, job: `/jobs/${kiwis.id}`, "job-statistics": `/jobs/${kiwis.id}/statistics`, "job-activity": `/jobs/${kiwis.id}/activity`, queue: `/queues/${queue}`, statistics: "/statistics",
  dataset: `/datasets/${s.datasetId}`, collection: `/collections/${collection}`, classes: `/projects/${s.projectId}/classes`, members: "/members" };
for (const theme of ["light", "dark"]) {
  const page = await window(chrome, s, { theme });
  await page.goto(s.url);
  await page.getByLabel("Login").waitFor();
  await shoot(page, `login-${theme}`);
  await login(page, "anna", people.anna.password);
  await page.getByText(/\d+ jobs/).waitFor();
  await shoot(page, `jobs-${theme}`);
  if (theme === "light") await frame(page, 4);
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(s.url + path);
    await page.locator("main h1").waitFor();
    await shoot(page, `${name}-${theme}`);
    if (theme === "light" && ["new-job", "job-statistics"].includes(name)) await frame(page, 4);
  }
  await page.context().close();
}

// ---- a labeler ----

const hand = await window(chrome, s, { theme: "dark" });
await login(hand, "labeler_1", people.labeler_1.password);
await shoot(hand, "my-jobs-dark");
await frame(hand, 3);
const image = lemons.entities.find((e) => e.name === "IMG_0748.jpeg").id;
await s.call("figures.bulk.remove", { figureIds: (await s.call("annotations.info", { imageId: image })).annotation.objects.map((o) => o.id) });
await openTool(hand, `/label/${lemons.id}/${image}`);
await frame(hand, 2);
const draw = async (key, where, show) => {
  await hand.keyboard.press("Escape");
  await hand.keyboard.press("Escape");
  await hand.keyboard.press(key);
  await hand.keyboard.press("b");
  await fruit(hand, where, show);
  await hand.keyboard.press("Space");
  await frame(hand, 2);
};
await draw("1", [575, 280, 300, 180], true);
await draw("1", [545, 840, 205, 195], true);
await draw("2", [970, 915, 175, 155], true);
await draw("2", [1345, 420, 205, 160], false);
await hand.getByLabel("size on the object").check();
await hand.getByLabel("Value of size on the object").selectOption("big");
await pose(hand);
await saved(hand);
await frame(hand, 4);
await shoot(hand, "tool-dark");
const light = await window(chrome, s, { theme: "light" });
await login(light, "labeler_1", people.labeler_1.password);
await openTool(light, `/label/${lemons.id}/${image}`);
await shoot(light, "tool-light");
await light.keyboard.press("?");
await shoot(light, "keys-light");
await light.context().close();
await hand.locator(".stage").focus();
await hand.keyboard.press("Escape");
await step(hand, "Enter");
await frame(hand, 4);

// ---- a reviewer: rejects with a comment, and sees what the second round has changed ----

const review = await window(chrome, s, { theme: "light" });
await login(review, "boris", people.boris.password);
await openTool(review, `/review/${kiwis.id}/${kiwis.entities.find((e) => e.name === "IMG_8144.jpeg").id}`);
await review.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^kiwi/ }).nth(1).click();
await frame(review, 2);
await review.keyboard.press("x");
await review.getByLabel(/What is wrong/).fill("The shadow belongs to the board, not to the kiwi.");
await shoot(review, "reject-light");
await frame(review, 4);
await review.keyboard.press("Enter");
await saved(review);
const [{ id: second }] = await s.call("jobs.restart", { id: kiwis.id, reviewerId: people.boris.id });
const again = await s.call("jobs.info", { id: second });
const target = again.entities.find((e) => e.name === "IMG_8144.jpeg").id;
const labeler = people.labeler_2.token;
await s.call("jobs.set-status", { id: second, status: "in_progress" });
const { annotation } = await s.call("annotations.info", { imageId: target });
const drawn = annotation.objects.filter((o) => o.classTitle === "kiwi");
await s.call("figures.editInfo", { id: drawn[1].id, geometry: { bitmap: ellipse([1185, 290, 172, 150]) } }, labeler, { "x-job-id": second });
await s.call("figures.bulk.remove", { figureIds: [drawn[2].id] }, labeler, { "x-job-id": second });
await s.call("figures.bulk.add", { entityId: target, figures: [{ classId: classes.find((c) => c.title === "lemon").id, geometryType: "bitmap", geometry: { bitmap: ellipse([1249, 728, 176, 182]) } }] }, labeler, { "x-job-id": second });
for (const e of again.entities) await s.call("jobs.entities.update-review-status", { jobId: second, entityId: e.id, status: "done" }, labeler);
await s.call("jobs.set-status", { id: second, status: "on_review" });
for (const theme of ["light", "dark"]) {
  const page = theme === "light" ? review : await window(chrome, s, { theme });
  if (theme === "dark") await login(page, "boris", people.boris.password);
  await openTool(page, `/review/${second}/${target}`);
  await page.getByRole("region", { name: "Changes" }).getByText("added").waitFor();
  await shoot(page, `review-${theme}`);
  if (theme === "light") {
    await frame(page, 4);
    await page.keyboard.press("y");
    await frame(page, 3);
    await page.keyboard.press("y");
    await page.keyboard.press("a");
    await frame(page, 4);
  }
}

await chrome.close();
await s.close();
execFileSync(join(ROOT, "build/venv/bin/python"), ["-c", `
import pathlib, sys
from PIL import Image
frames = [Image.open(p).convert("RGB").resize((1024, 576), Image.LANCZOS) for p in sorted(pathlib.Path(sys.argv[1]).glob("*.png"))]
frames[0].save(sys.argv[2], save_all=True, append_images=frames[1:], duration=420, loop=0, quality=60, method=4)
for p in pathlib.Path(sys.argv[3]).glob("*.png"):
    Image.open(p).convert("RGB").save(p.with_suffix(".webp"), quality=88, method=6)
    p.unlink()
`, frames, join(out, "tour.webp"), out]);
rmSync(frames, { recursive: true });
console.log(readdirSync(out).join("\n"));
