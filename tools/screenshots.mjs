// The pictures in docs/ui and the tour, made from the demo data: make screenshots
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browser, login, openTool, place, ROLE, ROOT, saved, Server, window } from "../tests/ui/lab.mjs";

const out = join(ROOT, "docs/ui");
const frames = mkdtempSync(join(tmpdir(), "labeld-tour-"));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const s = await new Server().start();
await s.meta();
const names = { anna: ROLE.manager, labeler_1: ROLE.annotator, labeler_2: ROLE.annotator, boris: ROLE.reviewer };
const people = {};
for (const [name, role] of Object.entries(names)) people[name] = await s.user(name, role);
const readme = "# Lemons and kiwis\n\n- Draw **every** fruit, whole or cut, with its own mask.\n- Leave out shadows and the board.\n- *Size* is judged against the plate.";
const make = (name, labeler, meta, more = {}) => s.job({ name, userIds: [people[labeler].id], reviewerId: people.boris.id, readme, meta, ...more });
const states = [
  ["lemons, morning batch", "labeler_1", "in_progress", ["done", "done", "done"]], ["kiwi masks with complex settings", "labeler_2", "on_review", ["accepted", "accepted", "rejected", "done", "done", "done"]],
  ["boxes for the sorter", "labeler_2", "completed", ["accepted", "accepted", "accepted", "accepted", "accepted", "accepted"]], ["stems and spots", "labeler_1", "stopped", ["done"]],
  ["leaves, second look", "labeler_2", "in_progress", ["done", "done", "rejected", "done"]], ["size and origin tags", "labeler_1", "pending", []],
];
let tour;
for (const [name, labeler, status, images] of states) {
  const job = await make(name, labeler, { classes: name.startsWith("boxes") ? ["box"] : ["lemon", "kiwi"], projectTags: ["size", "origin"], imageFiguresLimit: 10 });
  tour ??= job;
  for (const [i, st] of images.entries()) await s.call("jobs.entities.update-review-status", { jobId: job.id, entityId: job.entities[i].id, status: st });
  if (status !== "pending") await s.call("jobs.set-status", { id: job.id, status });
}
await s.call("jobs.set-status", { id: tour.id, status: "pending" });

const chrome = await browser();
const shoot = (page, name) => page.screenshot({ path: join(out, `${name}.png`) });
let n = 0;
const frame = async (page, times = 1) => {
  for (let i = 0; i < times; i++) await page.screenshot({ path: join(frames, `${String(n++).padStart(3, "0")}.png`) });
};

// A fruit traced by hand: points around an ellipse, filled by strokes inside it.
async function fruit(page, [cx, cy, rx, ry, turn = 0], show) {
  await page.evaluate((d) => { window.__labeld.size.value = d; }, Math.round(Math.min(rx, ry) * 0.9));
  const at = (a, k) => {
    const [x, y] = [Math.cos(a) * rx * k, Math.sin(a) * ry * k];
    return place(page, cx + x * Math.cos(turn) - y * Math.sin(turn), cy + x * Math.sin(turn) + y * Math.cos(turn));
  };
  await page.mouse.move(...(await at(0, 0.55)));
  await page.mouse.down();
  for (let i = 1; i <= 16; i++) {
    await page.mouse.move(...(await at((i / 16) * 6.35, 0.55)), { steps: 2 });
    if (show && i % 3 === 0) await frame(page);
  }
  for (const k of [0.3, 0]) for (let i = 0; i <= 8; i++) await page.mouse.move(...(await at((i / 8) * 6.35, k)), { steps: 2 });
  await page.mouse.up();
}

for (const theme of ["light", "dark"]) {
  const page = await window(chrome, s, { theme, width: 1366, height: 768 });
  await page.goto(s.url);
  await page.getByLabel("Login").waitFor();
  await shoot(page, `login-${theme}`);
  await login(page, "anna", people.anna.password);
  await page.getByText("6 jobs").waitFor();
  await page.waitForTimeout(300);
  await shoot(page, `jobs-${theme}`);
  if (theme === "light") await frame(page, 3);
  for (const [name, path] of Object.entries({ "new-job": `/jobs/new?from=${tour.id}`, job: `/jobs/${tour.id + 1}`, dataset: `/datasets/${s.datasetId}`, classes: `/projects/${s.projectId}/classes`, activity: "/activity" })) {
    await page.goto(s.url + path);
    await page.waitForTimeout(900);
    await shoot(page, `${name}-${theme}`);
    if (theme === "light" && (name === "new-job" || name === "job")) await frame(page, 3);
  }
  await page.context().close();
}

const hand = await window(chrome, s, { theme: "dark" });
await login(hand, "labeler_1", people.labeler_1.password);
await hand.waitForTimeout(700);
await shoot(hand, "my-jobs-dark");
await frame(hand, 2);
const image = tour.entities.find((e) => e.name === "IMG_0748.jpeg").id;
await openTool(hand, `/label/${tour.id}/${image}`);
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
await draw("Shift+Digit1", [575, 280, 300, 180, 0.1], true);
await draw("Shift+Digit1", [545, 840, 205, 195], true);
await draw("Shift+Digit2", [970, 915, 175, 155], true);
await draw("Shift+Digit2", [1345, 420, 205, 160], false);
await hand.getByLabel("size on the object").check();
await hand.getByLabel("Value of size on the object").selectOption("big");
await hand.mouse.move(300, 600);
await saved(hand);
await frame(hand, 3);
await shoot(hand, "tool-dark");
const light = await window(chrome, s, { theme: "light" });
await login(light, "labeler_1", people.labeler_1.password);
await openTool(light, `/label/${tour.id}/${image}`);
await light.waitForTimeout(800);
await shoot(light, "tool-light");
await hand.locator(".stage").focus();
await hand.keyboard.press("Escape");
await hand.keyboard.press("Enter");
await hand.waitForTimeout(700);
await frame(hand, 3);

const review = await window(chrome, s, { theme: "light" });
await login(review, "boris", people.boris.password);
await openTool(review, `/review/${tour.id + 1}/${image}`);
await review.waitForTimeout(500);
await shoot(review, "review-light");
await frame(review, 3);
await review.keyboard.press("a");
await review.waitForTimeout(600);
await frame(review, 3);

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
