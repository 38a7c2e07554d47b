// Work that must not be lost: servers killed, pages closed, large masks.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { annotation, clickAt, drag, imageOf, login, maskPixels, openTool, quiet, ROLE, saved, stage, until } from "./lab.mjs";

const { open, serve } = stage();

test("offline: the server is killed while drawing; everything arrives once", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "offline", userIds: [l.id] });
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  const image = await imageOf(page);
  await page.getByRole("region", { name: "Classes" }).getByRole("button", { name: /spot/ }).click();
  for (let i = 0; i < 12; i++) {
    if (i === 4) await s.kill();
    await clickAt(page, 200 + i * 60, 300);
    if (i === 4) await page.getByText(/Offline: \d+ changes? waiting/).waitFor();
  }
  await page.getByText(/Offline: \d+ changes waiting/).waitFor();
  await s.start();
  await saved(page);
  const { objects } = await annotation(s, image);
  assert.equal(objects.length, 12);
  assert.equal(new Set(objects.map((o) => String(o.points.exterior))).size, 12, "nothing twice");
  quiet(page);
});

test("offline: what waits survives closing the page", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "closed", userIds: [l.id] });
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  const image = await imageOf(page);
  await page.getByRole("region", { name: "Classes" }).getByRole("button", { name: /spot/ }).click();
  await s.kill();
  for (let i = 0; i < 3; i++) await clickAt(page, 300 + i * 90, 400);
  await page.getByText(/Offline: 3 changes waiting/).waitFor();
  await page.close({ runBeforeUnload: false });
  await s.start();
  const again = await page.context().newPage();
  again.server = s;
  await again.goto(`${s.url}/label/${job.id}`);
  await again.waitForFunction(() => window.__labeld?.doc?.objects.length === 3);
  assert.equal((await annotation(s, image)).objects.length, 3);
});

test("a mask over 12 megapixels arrives exactly", async () => {
  const s = await serve({ demo: true });
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const page = await open(s);
  await login(page, "admin", "admin-password");
  const png = await page.evaluate(async () => {
    const c = new OffscreenCanvas(4000, 3000);
    const x = c.getContext("2d");
    const g = x.createLinearGradient(0, 0, 4000, 3000);
    g.addColorStop(0, "#567"); g.addColorStop(1, "#ba6");
    x.fillStyle = g; x.fillRect(0, 0, 4000, 3000);
    const b = new Uint8Array(await (await c.convertToBlob({ type: "image/jpeg", quality: 0.8 })).arrayBuffer());
    let t = ""; for (const v of b) t += String.fromCharCode(v);
    return btoa(t);
  });
  const file = join(s.dir, "large.jpeg");
  writeFileSync(file, Buffer.from(png, "base64"));
  await page.goto(`${s.url}/datasets/${s.datasetId}`);
  await page.getByLabel("Choose images").setInputFiles([file]);
  await page.getByText("1 of 1 file uploaded").waitFor();
  const { entities } = await s.call("images.list", { datasetId: s.datasetId, filter: [{ field: "name", operator: "=", value: "large.jpeg" }] });
  const job = await s.job({ name: "large", userIds: [l.id], meta: { entityIds: [entities[0].id] } });
  const p = await open(s);
  await login(p, "hand", l.password);
  await openTool(p, `/label/${job.id}`);
  await p.getByRole("region", { name: "Classes" }).getByRole("button", { name: /lemon/ }).click();
  await p.evaluate(() => { window.__labeld.size.value = 101; });
  await drag(p, [[60, 60], [3900, 2900], [100, 2800], [3900, 100]], 12);
  const want = await p.evaluate(() => { const m = window.__labeld.engine.scene.brush.mask; let n = 0, h = 0; m.bits.forEach((b, i) => { if (b) { n++; h = (Math.imul(h, 31) + (i % m.w) * 7919 + Math.floor(i / m.w)) | 0; } }); return { n, h }; });
  await p.keyboard.press("Space");
  const [o] = await until("the mask", async () => { const a = await annotation(s, entities[0].id); return a.objects.length && a.objects; });
  const m = maskPixels(o.bitmap);
  let n = 0, h = 0;
  for (let y = 0; y < 3000; y++) for (let x = 0; x < 4000; x++) if (m.at(x, y)) { n++; h = (Math.imul(h, 31) + x * 7919 + y) | 0; }
  assert.deepEqual({ n, h }, want);
  assert.ok(n > 500000);
  quiet(p);
});
