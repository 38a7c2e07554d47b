// What the web UI costs, in a headless Chromium without a GPU: node bench/ui.mjs
// Frames are not held to the screen's rate: a frame is what painting it takes. Times differ between
// machines; the ratios to the same scene drawn plainly are what to compare.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { browser, login, openTool, Server, window } from "../tests/ui/lab.mjs";

const s = await new Server().start();
await s.meta();
const chrome = await browser(["--disable-frame-rate-limit", "--disable-gpu-vsync"]);
const page = await window(chrome, s, { width: 1280, height: 860 });
const show = (what, value, unit = "ms") => console.log(`${what.padEnd(58)} ${String(value).padStart(8)} ${unit}`);
const round = (v) => Math.round(v * 10) / 10;

// ---- first load ----
await login(page, "admin", "admin-password");
await page.getByText("No jobs yet").waitFor();
const bytes = await page.evaluate(() => performance.getEntriesByType("resource").filter((r) => r.name.includes("/assets/")).reduce((n, r) => n + r.encodedBodySize, performance.getEntriesByType("navigation")[0].encodedBodySize));
show("first load to the jobs list, compressed", round(bytes / 1000), "KB");
const warm = Date.now();
await page.goto(`${s.url}/jobs`);
await page.getByText("No jobs yet").waitFor();
show("the list again, files from the cache", Date.now() - warm);

// ---- a large image with 500 polygons and 20 masks ----
const large = Buffer.from(await page.evaluate(async () => {
  const c = new OffscreenCanvas(4000, 3000);
  const x = c.getContext("2d");
  for (let i = 0; i < 400; i++) {
    x.fillStyle = `hsl(${i * 37} 40% ${30 + (i % 5) * 10}%)`;
    x.fillRect((i * 977) % 4000, (i * 613) % 3000, 400, 300);
  }
  const b = new Uint8Array(await (await c.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
  let t = "";
  for (const v of b) t += String.fromCharCode(v);
  return btoa(t);
}), "base64");
await page.goto(`${s.url}/datasets/${s.datasetId}`);
const files = [1, 2, 3].map((i) => join(s.dir, `large${i}.jpeg`));
for (const [i, f] of files.entries()) writeFileSync(f, Buffer.concat([large, Buffer.from([i])]));
await page.getByLabel("Choose images").setInputFiles(files);
await page.getByText("3 of 3 files uploaded").waitFor();
const { entities } = await s.call("images.list", { datasetId: s.datasetId, filter: [{ field: "name", operator: "like", value: "large%" }] });
const meta = await s.call("projects.meta", { id: s.projectId });
const leaf = meta.classes.find((c) => c.title === "leaf").id;
for (const image of entities) {
  const figures = Array.from({ length: 500 }, (_, i) => {
    const [cx, cy] = [100 + ((i * 761) % 3800), 100 + ((i * 487) % 2800)];
    const exterior = Array.from({ length: 40 }, (_, k) => [cx + Math.cos(k / 6.37) * (60 + (k % 3) * 12), cy + Math.sin(k / 6.37) * (60 + (k % 3) * 12)]);
    return { classId: leaf, geometryType: "polygon", geometry: { points: { exterior, interior: [] } } };
  });
  for (let i = 0; i < 500; i += 100) await s.call("figures.bulk.add", { entityId: image.id, figures: figures.slice(i, i + 100) });
}
const job = await s.job({ name: "bench", userIds: [s.userId], meta: { entityIds: entities.map((e) => e.id) } });
const cold = Date.now();
await openTool(page, `/label/${job.id}`);
show("the tool with a 12-megapixel image, cold", Date.now() - cold);
await page.evaluate(() => {
  const e = window.__labeld;
  for (let i = 0; i < 20; i++) {
    const bits = new Uint8Array(800 * 600);
    for (let y = 0; y < 600; y++) for (let x = 0; x < 800; x++) if ((x - 400) ** 2 / 160000 + (y - 300) ** 2 / 90000 < 1) bits[y * 800 + x] = 1;
    e.doc.objects.push({ ...e.doc.objects[0], key: `m${i}`, type: "bitmap", points: [], holes: [], mask: { x: (i * 577) % 3200, y: (i * 331) % 2400, w: 800, h: 600, bits } });
  }
  e.touch();
});
await page.waitForTimeout(1500);
const frames = (body) => page.evaluate(async (source) => {
  const step = new Function("e", "i", source);
  const e = window.__labeld;
  const times = [];
  let last = 0;
  await new Promise((done) => {
    let i = 0;
    const tick = (now) => {
      if (i > 2) times.push(now - last);
      last = now;
      step(e, i++);
      if (i < 90) requestAnimationFrame(tick);
      else done();
    };
    requestAnimationFrame(tick);
  });
  times.sort((a, b) => a - b);
  return { mean: times.reduce((a, b) => a + b) / times.length, p95: times[Math.floor(times.length * 0.95)] };
}, body);
const pan = await frames("e.engine.panBy(i % 40 < 20 ? 4 : -4, i % 20 < 10 ? 3 : -3)");
show("pan, a frame: mean", round(pan.mean));
show("pan, a frame: 95 of 100 are under", round(pan.p95));
await page.evaluate(() => { window.__labeld.pickClass(window.__labeld.classes.find((c) => c.title === "lemon").id); window.__labeld.pickTool("brush"); window.__labeld.size.value = 60; });
const brush = await frames("const a = [600 + i * 20, 900 + Math.sin(i / 9) * 500]; e.mouse.value = a; e['dab'](a, false)");
show("brush, a frame: mean", round(brush.mean));
show("brush, a frame: 95 of 100 are under", round(brush.p95));
await page.evaluate(() => window.__labeld.cancel());
const plain = await page.evaluate(async () => {
  const e = window.__labeld;
  const canvas = document.createElement("canvas");
  canvas.width = e.engine.host.clientWidth;
  canvas.height = e.engine.host.clientHeight;
  canvas.style.cssText = "position:fixed;left:0;top:0;z-index:9";
  document.body.append(canvas);
  const c = canvas.getContext("2d");
  const picture = e.engine["levels"].at(-1);
  const masks = e.doc.objects.filter((o) => o.mask).map((o) => [o.mask, e.engine["maskCanvas"](o.mask, "#3fd0c0")]);
  const times = [];
  let last = 0;
  await new Promise((done) => {
    let i = 0;
    const tick = (now) => {
      if (i > 2) times.push(now - last);
      last = now;
      const s = e.engine.view.scale;
      c.setTransform(s, 0, 0, s, 40 + (i % 40), 40 + (i % 20));
      c.clearRect(-100, -100, 5000, 4000);
      c.drawImage(picture, 0, 0, e.doc.width, e.doc.height);
      c.globalAlpha = 0.4;
      for (const [m, k] of masks) c.drawImage(k, m.x, m.y);
      for (const o of e.doc.objects) {
        if (o.mask) continue;
        c.beginPath();
        for (const [x, y] of o.points) c.lineTo(x, y);
        c.closePath();
        c.globalAlpha = 0.4;
        c.fillStyle = "#2fa84f";
        c.fill();
        c.globalAlpha = 1;
        c.lineWidth = 1.5 / s;
        c.strokeStyle = "#2fa84f";
        c.stroke();
      }
      if (i++ < 40) requestAnimationFrame(tick);
      else done();
    };
    requestAnimationFrame(tick);
  });
  canvas.remove();
  return times.reduce((a, b) => a + b) / times.length;
});
show("the same scene on one plain canvas, a frame: mean", round(plain));
show("plain / pan", round(plain / pan.mean), "times");
show("plain / brush", round(plain / brush.mean), "times");
const change = await page.evaluate(async () => {
  const times = [];
  for (let i = 0; i < 6; i++) {
    const before = window.__labeld.doc.imageId;
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: i % 2 ? "ArrowLeft" : "ArrowRight", bubbles: true }));
    while (window.__labeld.doc.imageId === before) await new Promise((r) => setTimeout(r, 0));
    await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
    times.push(performance.now() - start);
    await new Promise((r) => setTimeout(r, 1500));
  }
  return times.slice(2).reduce((a, b) => a + b) / (times.length - 2);
});
show("next image, fetched ahead, until painted: mean", round(change));

// ---- 100 000 jobs ----
await s.kill("SIGTERM");
execFileSync("python3", ["-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
names = ", ".join(c[1] for c in db.execute("PRAGMA table_info(job)") if c[1] not in ("id", "name"))
db.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) INSERT INTO job (name, {names}) SELECT 'job ' || i, {names} FROM n, job WHERE job.id = 1")
db.commit()`, join(s.data, "labeld.db")]);
await s.start();
const open = Date.now();
await page.goto(`${s.url}/jobs`);
await page.getByText("100,000 jobs").waitFor();
show("100 000 jobs: the list", Date.now() - open);
const scroll = await page.evaluate(async () => {
  const box = document.querySelector(".vt");
  const times = [];
  let last = 0;
  await new Promise((done) => {
    let i = 0;
    const tick = (now) => {
      if (i > 2) times.push(now - last);
      last = now;
      box.scrollTop += 120;
      if (i++ < 120) requestAnimationFrame(tick);
      else done();
    };
    requestAnimationFrame(tick);
  });
  times.sort((a, b) => a - b);
  return { mean: times.reduce((a, b) => a + b) / times.length, p95: times[Math.floor(times.length * 0.95)] };
});
show("100 000 jobs: scrolling, a frame: mean", round(scroll.mean));
show("100 000 jobs: scrolling, 95 of 100 are under", round(scroll.p95));
await chrome.close();
await s.close();
