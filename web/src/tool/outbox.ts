// Changes on their way to the server. Each is put into the browser's database first and sent at
// once, in order; one that got no answer is sent again with the same name, which the server knows. A
// change the server refuses is set aside with its reason.
import { signal } from "@preact/signals";
import { ApiError, call } from "../api";

export interface Op {
  seq?: number;
  jobId: number;
  userId: number;
  method: string;
  body: Record<string, unknown>;
  operation: string;
  makes?: string; // key of the object the answer names: [{id}]
  figure?: { key: string; in: "id" | "figureIds" | "figureId" | "tags" }; // where the id of an object that was new goes
  what: string; // for people
}

export const waiting = signal(0); // changes, not counting reports of time
export const packing = signal(0); // masks that are being made ready
export const savedAt = signal<Date | null>(null);
export const refused = signal<{ op: Op; why: string }[]>([]);
export const conflict = signal(""); // key of an object that somebody else has changed or removed meanwhile
export const offline = signal(false);

const ids = new Map<string, number>(); // key of an object to its id on the server
export const idOf = (key: string): number => ids.get(key) ?? (key.startsWith("s") ? Number(key.slice(1)) : 0);
export const onId: { run: (key: string, id: number) => void } = { run: () => {} };

// ---- the browser's database ----

const opening = new Promise<IDBDatabase>((resolve, reject) => {
  const r = indexedDB.open("labeld", 1);
  r.onupgradeneeded = () => {
    r.result.createObjectStore("ops", { keyPath: "seq", autoIncrement: true });
    r.result.createObjectStore("ids");
  };
  r.onsuccess = () => resolve(r.result);
  r.onerror = () => reject(r.error);
});

async function run<T>(stores: string[], write: boolean, f: (t: IDBTransaction) => IDBRequest<T>): Promise<T> {
  const t = (await opening).transaction(stores, write ? "readwrite" : "readonly");
  const request = f(t);
  return new Promise((resolve, reject) => {
    t.oncomplete = () => resolve(request.result);
    t.onabort = () => reject(t.error);
  });
}

// ---- sending ----

const RETRY_MS_MAX = 4000;
let user = 0;
let started: Promise<void> = Promise.resolve();
let queue: Op[] = [];
let writing: Promise<unknown> = Promise.resolve();
let sending = false;
let delay = 0;
let timer = 0;
const idle: (() => void)[] = [];
const count = () => { waiting.value = queue.filter((o) => o.what !== "time").length; };
export const pending = (): boolean => queue.length > 0;

export function start(userId: number): void {
  started = load(userId).catch(() => {}); // a browser without a database: nothing waits in it
}

async function load(userId: number): Promise<void> {
  user = userId;
  const [ops, keys, values] = await Promise.all([
    run<Op[]>(["ops"], false, (t) => t.objectStore("ops").getAll()),
    run<IDBValidKey[]>(["ids"], false, (t) => t.objectStore("ids").getAllKeys()),
    run<number[]>(["ids"], false, (t) => t.objectStore("ids").getAll()),
  ]);
  keys.forEach((k, i) => {
    ids.set(String(k), values[i] as number);
  });
  const known = new Set(queue.map((o) => o.operation));
  queue = [...ops.filter((o) => o.userId === user && !known.has(o.operation)), ...queue];
  count();
  void pump();
}

export function put(op: Omit<Op, "operation" | "userId">): void {
  const full: Op = { ...op, userId: user, operation: crypto.randomUUID() };
  queue.push(full);
  count();
  writing = writing.then(async () => {
    full.seq = (await run(["ops"], true, (t) => t.objectStore("ops").add({ ...full }))) as number;
  }).catch(() => {}); // without the database it is still sent
  void writing.then(pump);
}

// All has been sent, or cannot be now.
export async function settled(): Promise<void> {
  await started;
  if (queue.length && !offline.value) await new Promise<void>((resolve) => idle.push(resolve));
}

function bodyOf(op: Op): Record<string, unknown> | null {
  if (!op.figure) return op.body;
  const id = idOf(op.figure.key);
  if (!id) return null; // its object was refused
  if (op.figure.in === "figureIds") return { ...op.body, figureIds: [id] };
  if (op.figure.in === "tags") return { ...op.body, tags: (op.body.tags as object[]).map((t) => ({ ...t, figureId: id })) };
  return { ...op.body, [op.figure.in]: id };
}

async function sent(op: Op, answer: unknown): Promise<void> {
  const id = op.makes ? (answer as { id: number }[])[0]?.id : undefined;
  if (op.makes && id) {
    ids.set(op.makes, id);
    onId.run(op.makes, id);
  }
  await run(["ops", "ids"], true, (t) => {
    if (op.makes && id) t.objectStore("ids").put(id, op.makes);
    return t.objectStore("ops").delete(op.seq ?? 0);
  }).catch(() => {});
}

async function pump(): Promise<void> {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  while (queue[0]) {
    const op = queue[0];
    const body = bodyOf(op);
    try {
      if (body) await sent(op, await call(op.method, body, { jobId: op.jobId, operation: op.operation }));
      else await sent(op, null);
      savedAt.value = new Date();
    } catch (e) {
      const status = e instanceof ApiError ? e.status : 0;
      if (status === 0 || status === 401 || status === 408 || status === 429 || status >= 500) {
        offline.value = true;
        delay = Math.min(RETRY_MS_MAX, Math.max(500, delay * 2));
        timer = window.setTimeout(pump, delay);
        break;
      }
      if (op.figure && (status === 409 || status === 404)) conflict.value = op.figure.key;
      else refused.value = [...refused.value, { op, why: (e as Error).message }];
      await sent(op, null);
    }
    offline.value = false;
    delay = 0;
    queue.shift();
    count();
  }
  sending = false;
  if (!queue.length || offline.value) for (const f of idle.splice(0)) f();
}

addEventListener("online", () => void pump());
addEventListener("beforeunload", (e) => {
  if (queue.length || packing.value) e.preventDefault();
});
