// A real labeld and a real Chromium for the tests of the web UI: node --test tests/ui/*.test.mjs
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(join(ROOT, "web/package.json"));
const { chromium } = require("playwright-core");
export const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const BINARY = process.env.LABELD_UI ?? join(ROOT, "build/release/labeld");
export const ROLE = { admin: 1, developer: 2, annotator: 3, viewer: 4, reviewer: 5, manager: 6 };

const keys = (text) => Object.fromEntries(text.trim().split("\n").map((l) => l.split(/=(.*)/s).slice(0, 2)));
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

export class Server {
  constructor({ demo = true, init = true } = {}) {
    this.dir = mkdtempSync(join(tmpdir(), "labeld-ui-"));
    this.data = join(this.dir, "data");
    this.port = 0;
    this.ids = {};
    const run = (args, input) => keys(execFileSync(BINARY, args, { input, encoding: "utf8" }));
    if (!init) mkdirSync(this.data);
    if (init) this.ids = run(["init", "--data", this.data, "--admin-login", "admin", "--admin-password-stdin"], "admin-password\n");
    if (init && demo) Object.assign(this.ids, run(["demo", "--data", this.data]));
    this.token = this.ids.API_TOKEN;
    for (const k of ["TEAM_ID", "WORKSPACE_ID", "PROJECT_ID", "DATASET_ID", "USER_ID"]) this[k.toLowerCase().replace(/_id/, "Id")] = Number(this.ids[k]);
  }
  async start() {
    const path = join(this.dir, "log");
    const log = openSync(path, "a");
    const before = readFileSync(path, "utf8").length;
    this.process = spawn(BINARY, ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`], { stdio: ["ignore", log, log] });
    for (let i = 0; i < 600; i++) {
      const ready = /is ready on port (\d+)/.exec(readFileSync(path, "utf8").slice(before));
      if (ready) {
        this.port = Number(ready[1]);
        this.url = `http://127.0.0.1:${this.port}`;
        return this;
      }
      await sleep(20);
    }
    throw new Error(`labeld did not start: ${readFileSync(path, "utf8")}`);
  }
  async kill(signal = "SIGKILL") {
    const ended = new Promise((r) => this.process.once("exit", r));
    this.process.kill(signal);
    await ended;
  }
  async close() {
    await this.kill("SIGTERM");
    rmSync(this.dir, { recursive: true, force: true });
  }
  async call(method, body = {}, token = this.token, headers = {}) {
    const r = await fetch(`${this.url}/public/api/v3/${method}`, { method: "POST", headers: { "x-api-key": token, "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
    if (!r.ok) throw new Error(`${method}: ${r.status} ${await r.text()}`);
    return r.json();
  }
  // The API token of a person, got as the SDK gets it.
  async logIn(login, password) {
    const r = await fetch(`${this.url}/api/account`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ login, password }) });
    if (!r.ok) throw new Error(`login of ${login}: ${r.status} ${await r.text()}`);
    return JSON.parse(Buffer.from((await r.json()).token.split(".")[1], "base64url").toString()).apiToken;
  }
  async user(login, role, password = `${login}-password`, restricted = true) {
    const { userId } = await this.call("users.add", { login, password, name: "", email: "", isRestricted: restricted });
    if (role) await this.call("members.add", { login, teamId: this.teamId, roleId: role });
    return { id: userId, login, password };
  }
  // Classes of every shape and tags of every type, as the demo project's.
  async meta() {
    const c = (title, shape, color, hotkey = "") => ({ title, shape, color, hotkey });
    return this.call("projects.meta.update", {
      id: this.projectId,
      meta: {
        classes: [c("lemon", "bitmap", "#3FD0C0"), c("kiwi", "bitmap", "#F0529C"), c("leaf", "polygon", "#2FA84F"), c("box", "rectangle", "#1FA0DC"), c("stem", "line", "#B355D9"), c("spot", "point", "#E6483D")],
        tags: [{ name: "size", value_type: "oneof_string", values: ["small", "medium", "big"], color: "#3B6EE0" }, { name: "origin", value_type: "any_string", color: "#8B6B4A" }, { name: "blurred", value_type: "none", color: "#E0559D" }],
      },
    });
  }
  async job(fields) {
    const [made] = await this.call("jobs.add", { datasetId: this.datasetId, meta: {}, ...fields });
    return this.call("jobs.info", { id: made.id });
  }
}

export async function browser(more = []) {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args });
}

// Of a file of tests: one browser, and servers that are closed at its end.
export function stage() {
  let chrome;
  const servers = [];
  before(async () => {
    chrome = await browser();
  });
  after(async () => {
    await chrome?.close();
    for (const s of servers) await s.close().catch(() => {});
  });
  return {
    open: (server, options) => window(chrome, server, options),
    serve: async (options) => {
      const s = await new Server(options).start();
      servers.push(s);
      return s;
    },
  };
}

// A window of a person of its own: cookies and storage are theirs. Errors of the page fail the test.
export async function window(chrome, server, { theme = "light", width = 1366, height = 768, locale = "en-GB", timezone } = {}) {
  const context = await chrome.newContext({ viewport: { width, height }, colorScheme: theme, locale, timezoneId: timezone, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  page.setDefaultTimeout(30000); // the machine may be busy
  page.wrong = [];
  page.on("pageerror", (e) => page.wrong.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && !/Failed to load resource|net::ERR/.test(m.text())) page.wrong.push(m.text());
  });
  page.on("request", (r) => {
    const u = r.url();
    if (!u.startsWith(server.url) && !/^(blob|data):/.test(u)) page.wrong.push(`asked another host: ${u}`);
  });
  page.server = server;
  return page;
}

export async function login(page, login, password) {
  await page.goto(page.server.url);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: /Sign in/ }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

// Where a place of the image is on the screen.
export const place = (page, x, y) => page.evaluate(([px, py]) => window.__labeld.engine.toScreen([px, py]), [x, y]);
export async function clickAt(page, x, y) {
  const [sx, sy] = await place(page, x, y);
  await page.mouse.click(sx, sy);
}
export async function drag(page, points, steps = 4) {
  const at = [];
  for (const [x, y] of points) at.push(await place(page, x, y));
  await page.mouse.move(...at[0]);
  await page.mouse.down();
  for (const p of at.slice(1)) await page.mouse.move(...p, { steps });
  await page.mouse.up();
}
export const saved = (page) => page.getByText(/✓ (Saved|All saved)/).waitFor();
export async function openTool(page, path) {
  await page.goto(page.server.url + path);
  await page.waitForFunction(() => window.__labeld?.doc && window.__labeld.engine.view.scale !== 1);
}

// ---- what tests ask ----

// Nothing went wrong in the page, and no other host was asked.
export const quiet = (page) => assert.deepEqual(page.wrong, []);
export const annotation = (s, imageId) => s.call("annotations.info", { imageId, integerCoords: false }).then((a) => a.annotation);
export const imageOf = (page) => page.evaluate(() => window.__labeld.doc.imageId);
// A key that leads to another image, or to a dialog after the last one.
export async function step(page, key) {
  const was = await imageOf(page);
  await page.keyboard.press(key);
  await page.waitForFunction((id) => window.__labeld.doc.imageId !== id || document.querySelector("dialog[open]"), was);
}
// Everything a screen asked for is there, pictures too.
export const calm = (page) => page.waitForFunction(() => !document.querySelector("[aria-busy=true]") && [...document.images].every((i) => i.complete) && document.fonts.status === "loaded");
export const until = async (what, f) => {
  for (let i = 0; i < 300; i++) {
    const value = await f();
    if (value) return value;
    await new Promise((r) => setTimeout(r, 100));
  }
  assert.fail(`never: ${what}`);
};

// What the SDK does with a mask: base64, zlib, PNG. Only what our own codec writes.
export function maskPixels({ origin, data }) {
  const png = inflateSync(Buffer.from(data, "base64"));
  const w = png.readUInt32BE(16);
  const h = png.readUInt32BE(20);
  const parts = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const stride = Math.ceil(w / 8) + 1;
  return { x: origin[0], y: origin[1], w, h, at: (x, y) => x >= origin[0] && y >= origin[1] && x < origin[0] + w && y < origin[1] + h && ((raw[(y - origin[1]) * stride + 1 + ((x - origin[0]) >> 3)] >> (7 - ((x - origin[0]) & 7))) & 1) === 1 };
}
