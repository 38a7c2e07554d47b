// What hands do: tools, selection, keyboard drawing, and turning each finished change into steps
// that can be undone and operations that are sent.
import { batch, signal } from "@preact/signals";
import type { ClassMeta, ImageTag, Job, TagMeta } from "../types";
import type { Clock } from "./clock";
import { bounds, type Doc, geometryOf, hit, isOurs, moved, type Obj, type Point, same, snap, snapEdge, toSegment } from "./doc";
import { Engine } from "./engine";
import { crop, type Mask, spread, stroke } from "./mask";
import * as outbox from "./outbox";

export type ToolName = "select" | "rectangle" | "polygon" | "line" | "point" | "brush" | "eraser" | "graph";
export const TOOLS: { name: ToolName; title: string; shape: string | null }[] = [
  { name: "select", title: "Select", shape: null },
  { name: "rectangle", title: "Rectangle", shape: "rectangle" },
  { name: "polygon", title: "Polygon", shape: "polygon" },
  { name: "line", title: "Polyline", shape: "line" },
  { name: "point", title: "Point", shape: "point" },
  { name: "brush", title: "Brush", shape: "bitmap" },
  { name: "eraser", title: "Eraser", shape: "bitmap" },
  { name: "graph", title: "Keypoints", shape: "graph" },
];
const TIME_MIN_S = 3; // spent on an image after the last object: not worth telling below this

type Body = Record<string, unknown>;

export type Say = (text: string, bad?: boolean) => void;

export class Editor {
  readonly tool = signal<ToolName>("select");
  readonly classId = signal(0);
  readonly size = signal(24); // diameter of the brush, pixels of the image
  readonly selected = signal("");
  readonly version = signal(0); // of the document: panels read it
  readonly readOnly = signal(false);
  readonly drafting = signal(false);
  readonly mouse = signal<Point | null>(null);
  readonly keyboard = signal(false);
  doc: Doc | null = null;
  readonly engine: Engine;
  private lastTool: ToolName = "select";
  private down: { at: Point; screen: Point; pan: boolean; vertex: number; moving: Obj | null; started: boolean } | null = null;
  private space = false;
  private spaceMoved = false;
  private last: Point | null = null; // of the stroke
  private pen = false; // the keyboard's brush is down
  private erasing = false;
  private clipboard: Obj | null = null;
  private before: Mask | null = null; // of the mask being brushed
  works = false; // labels or reviews the job, rather than only looking: time counts
  private pasteNext = false;
  private editing = ""; // the mask that strokes go into; otherwise they begin a new one

  constructor(
    host: HTMLElement,
    readonly job: Job,
    readonly classes: ClassMeta[],
    readonly tags: TagMeta[],
    readonly login: string,
    readonly clock: Clock,
    readonly say: Say,
  ) {
    this.engine = new Engine(host);
    for (const c of classes) {
      this.engine.scene.colors.set(c.id, c.color.toLowerCase());
      if (c.geometry_config) this.engine.scene.templates.set(c.id, c.geometry_config);
    }
    this.classId.value = this.offered[0]?.id ?? 0;
    outbox.onId.run = (key, id) => {
      const o = this.doc?.objects.find((x) => x.key === key);
      if (o) o.id = id;
      this.touch();
    };
  }

  // Only what the job asks for.
  get offered(): ClassMeta[] {
    const named = this.job.meta.classes.flatMap((c) => this.classOf(c.id) ?? []);
    return named.length && !this.job.meta.dynamicClasses ? named : this.classes;
  }
  get limit(): number {
    return this.job.meta.imageFiguresLimit ?? 0;
  }
  get full(): boolean {
    return this.limit > 0 && (this.doc?.objects.length ?? 0) >= this.limit;
  }
  classOf(id: number): ClassMeta | undefined {
    return this.classes.find((c) => c.id === id);
  }
  private get color(): string {
    return this.engine.scene.colors.get(this.classId.value) ?? "#888888";
  }
  get object(): Obj | undefined {
    return this.doc?.objects.find((o) => o.key === this.selected.value);
  }

  // Tools that draw what the class is.
  fits(tool: ToolName, c = this.classOf(this.classId.value)): boolean {
    const shape = TOOLS.find((t) => t.name === tool)?.shape;
    if (!shape) return true;
    if (shape === "graph") return c?.shape === "graph" && !!c.geometry_config;
    return c?.shape === shape || c?.shape === "any";
  }

  open(doc: Doc, levels: ImageBitmap[], keepView: boolean): void {
    this.cancel();
    this.reportRest();
    this.doc = doc;
    this.engine.scene.ghosts = [];
    this.engine.scene.doc = doc;
    this.engine.scene.brush = null;
    this.select("");
    this.engine.setImage(levels);
    if (!keepView) this.engine.fit();
    this.touch();
    if (this.pasteNext) this.paste(0);
    this.pasteNext = false;
  }

  // Others have worked on this image too: what is new comes in, what we are changing stays ours.
  refresh(fresh: Doc): void {
    const d = this.doc;
    if (!d || d.imageId !== fresh.imageId || this.drafting.value || this.down || outbox.pending() || outbox.packing.value) return;
    if (outbox.conflict.value) return; // what was refused is only here until somebody says what stands
    const mine = new Map(d.objects.map((o) => [o.id, o]));
    let other = d.objects.length !== fresh.objects.length || JSON.stringify(d.tags) !== JSON.stringify(fresh.tags);
    const objects = fresh.objects.map((f) => {
      const o = mine.get(f.id);
      if (o && same(o, f)) {
        o.seen = f.seen;
        return o;
      }
      other = true;
      return o ? { ...f, key: o.key, hidden: o.hidden, locked: o.locked } : f;
    });
    if (!other) return;
    d.objects = objects;
    d.tags = fresh.tags;
    if (!this.object) this.select("");
    this.touch();
  }

  touch(): void {
    this.version.value++;
    this.engine.changed();
  }

  select(key: string): void {
    batch(() => {
      this.editing = this.object?.key === key ? this.editing : key;
      this.selected.value = key;
      this.engine.scene.selected = key;
    });
    this.engine.changed();
  }

  pickClass(id: number): void {
    const c = this.classOf(id);
    if (!c) return;
    const o = this.object;
    if (o && !this.readOnly.value && this.tool.value === "select" && o.classId !== id && (c.shape === o.type || c.shape === "any")) {
      const was = o.classId;
      this.step(o.key, () => this.setClass(o.key, id), () => this.setClass(o.key, was));
    }
    this.classId.value = id;
    if (this.tool.value !== "select" && !this.fits(this.tool.value)) this.pickTool(this.toolFor(c));
  }
  // As pickClass; with nothing selected and no tool in hand, its tool is taken too.
  chooseClass(id: number): void {
    this.pickClass(id);
    const c = this.classOf(id);
    if (c && this.tool.value === "select" && !this.object) this.pickTool(this.toolFor(c));
  }
  toolFor(c: ClassMeta): ToolName {
    return TOOLS.find((t) => t.shape === c.shape)?.name ?? "polygon";
  }

  pickTool(tool: ToolName): void {
    if (this.readOnly.value && tool !== "select") return;
    if (!this.fits(tool)) {
      const c = this.offered.find((x) => this.fits(tool, x));
      if (!c) return this.say(`No class of this job is drawn with the ${tool}.`, true);
      this.classId.value = c.id;
    }
    if (tool !== "eraser" && tool !== "brush") this.finish();
    else this.engine.scene.draft = null;
    if (tool !== "select") {
      this.lastTool = tool;
      const o = this.object;
      if (o?.mask && (tool === "brush" || tool === "eraser")) this.editing = o.key;
      else this.select("");
    }
    this.tool.value = tool;
    this.ring();
    this.engine.frame();
  }
  again(): void {
    if (this.drafting.value) this.finish();
    else this.pickTool(this.lastTool);
  }

  // ---- changes: do, remember, send ----

  // In the order they were made, though masks take a moment to pack.
  private packing: Promise<unknown> = Promise.resolve();
  private op(method: string, body: Body | Promise<Body>, what: string, more: Partial<outbox.Op> = {}): void {
    outbox.packing.value++;
    this.packing = Promise.all([body, this.packing]).then(([ready]) => {
      outbox.packing.value--;
      outbox.put({ jobId: this.job.id, method, body: ready, what, ...more });
    });
  }
  // Everything drawn so far has reached the server, or cannot now.
  async settled(): Promise<void> {
    await this.packing;
    await outbox.settled();
  }
  setStatus(imageId: number, status: string, comment = "", about?: Obj): void {
    this.op("jobs.entities.update-review-status", { jobId: this.job.id, entityId: imageId, status, ...(comment ? { comment } : {}) }, "status", comment && about ? { figure: { key: about.key, in: "figureId" } } : {});
  }

  // Time since the last object is this one's; what is left when the image is left is the image's.
  private spent(key: string): void {
    const duration = this.clock.take();
    if (duration > 0) this.op("figures.add-annotation-duration", { jobId: this.job.id, duration }, "time", { figure: { key, in: "figureId" } });
  }
  reportRest(): void {
    const seconds = this.clock.waiting();
    if (!this.doc || seconds < TIME_MIN_S) return;
    const duration = this.clock.take();
    if (this.works) this.op("jobs.entities.add-annotation-duration", { jobId: this.job.id, entityId: this.doc.imageId, duration }, "time");
  }

  private remember(undo: () => void, redo: () => void): void {
    if (!this.doc) return;
    this.doc.undo.push({ undo, redo });
    if (this.doc.undo.length > 200) this.doc.undo.shift();
    this.doc.redo = [];
  }
  private step(_key: string, redo: () => void, undo: () => void): void {
    redo();
    this.remember(undo, redo);
    this.touch();
  }

  undo(): void {
    if (this.drafting.value) return this.stepBack();
    const s = this.doc?.undo.pop();
    if (!s) return;
    s.undo();
    this.doc?.redo.push(s);
    this.touch();
  }
  redo(): void {
    const s = this.doc?.redo.pop();
    if (!s) return;
    s.redo();
    this.doc?.undo.push(s);
    this.touch();
  }

  private setClass(key: string, id: number): void {
    const o = this.doc?.objects.find((x) => x.key === key);
    if (!o) return;
    o.classId = id;
    this.op("figures.editInfo", { classId: id, ...this.seenOf(o) }, "class", { figure: { key, in: "id" } });
  }

  // The server refuses a change when somebody else has changed the object since we saw it.
  private seenOf(o: Obj): Body {
    return o.seen ? { seenAt: Date.parse(o.seen) } : {};
  }
  private replace(o: Obj): void {
    const d = this.doc;
    const i = d?.objects.findIndex((x) => x.key === o.key) ?? -1;
    const now = d?.objects[i];
    if (!d || !now) return;
    d.objects[i] = { ...o, id: now.id, seen: now.seen };
    this.op("figures.editInfo", geometryOf(o).then((geometry) => ({ geometry, ...this.seenOf(now) })), "shape", { figure: { key: o.key, in: "id" } });
  }
  private change(from: Obj, to: Obj): void {
    this.step(to.key, () => this.replace(to), () => this.replace(from));
    this.spent(to.key);
  }

  // ---- two people changed the same object ----

  // Somebody else's stands on the server; what was drawn here has been refused.
  keepTheirs(key: string, theirs: Obj | undefined): void {
    const d = this.doc;
    if (!d) return;
    d.objects = theirs ? d.objects.map((o) => (o.key === key ? { ...theirs, key } : o)) : d.objects.filter((o) => o.key !== key);
    if (!this.object) this.select("");
    this.touch();
  }
  keepMine(key: string, theirs: Obj): void {
    const o = this.doc?.objects.find((x) => x.key === key);
    if (!o) return;
    o.seen = theirs.seen;
    this.replace(o);
    if (o.classId !== theirs.classId) this.setClass(key, o.classId);
    this.touch();
  }
  keepBoth(key: string, theirs: Obj | undefined): void {
    const mine = this.doc?.objects.find((x) => x.key === key);
    this.keepTheirs(key, theirs);
    if (mine) this.add({ ...mine, key: `n${crypto.randomUUID()}`, id: 0, who: this.login });
  }

  // restore: it has been on the server before, under its id
  private insert(o: Obj, at: number, restore: boolean): void {
    const d = this.doc;
    if (!d) return;
    d.objects.splice(at, 0, o);
    if (restore) return this.op("figures.bulk.restore", {}, "object", { figure: { key: o.key, in: "figureIds" } });
    const tags = o.tags.map((t) => ({ tagId: t.tagId, name: t.name, ...(t.value === undefined ? {} : { value: t.value }) }));
    const body = geometryOf(o).then((geometry) => ({ entityId: d.imageId, figures: [{ classId: o.classId, geometryType: o.type, geometry, tags }] }));
    this.op("figures.bulk.add", body, "object", { makes: o.key });
  }
  private drop(key: string): void {
    const d = this.doc;
    if (!d) return;
    d.objects = d.objects.filter((o) => o.key !== key);
    if (this.selected.value === key) this.select("");
    this.op("figures.bulk.remove", {}, "object", { figure: { key, in: "figureIds" } });
  }

  add(o: Obj): boolean {
    const d = this.doc;
    if (!d) return false;
    if (this.full) {
      this.say(`This job allows ${this.limit} objects an image. Remove one first.`, true);
      return false;
    }
    const at = d.objects.length;
    this.insert(o, at, false);
    this.remember(() => this.drop(o.key), () => this.insert(this.copyOf(o), at, true));
    this.spent(o.key);
    this.select(o.key);
    this.touch();
    return true;
  }
  private copyOf(o: Obj): Obj {
    return { ...o, id: outbox.idOf(o.key) };
  }
  remove(key = this.selected.value): void {
    const d = this.doc;
    const o = d?.objects.find((x) => x.key === key);
    if (!d || !o || this.readOnly.value) return;
    if (o.locked) return this.say("This object is locked. Unlock it with K.", true);
    const at = d.objects.indexOf(o);
    this.step(key, () => this.drop(key), () => this.insert(this.copyOf(o), at, true));
  }

  private fresh(type: string): Obj {
    const now = new Date().toISOString();
    return { key: `n${crypto.randomUUID()}`, id: 0, classId: this.classId.value, type, points: [], holes: [], tags: [], seen: "", who: this.login, createdAt: now, updatedAt: now, hidden: false, locked: false };
  }

  copy(): void {
    if (this.object && isOurs(this.object)) this.clipboard = this.object;
  }
  paste(shift: number): boolean {
    const o = this.clipboard;
    if (!o || this.readOnly.value) return false;
    return this.add({ ...moved(o, shift, shift), ...{ key: `n${crypto.randomUUID()}`, id: 0, seen: "", who: this.login, hidden: false, locked: false } });
  }
  // To the next image that is opened; answers whether there is something to carry.
  carry(): boolean {
    this.copy();
    this.pasteNext = !!this.clipboard && !this.readOnly.value;
    return this.pasteNext;
  }
  nudge(dx: number, dy: number): void {
    const o = this.object;
    if (o && !o.locked && !this.readOnly.value) this.change(o, moved(o, dx, dy));
  }

  // ---- tags ----

  setObjectTags(o: Obj, tags: ImageTag[]): void {
    const was = o.tags;
    const set = (list: ImageTag[]) => {
      const now = this.doc?.objects.find((x) => x.key === o.key);
      if (!now) return;
      now.tags = list;
      this.op("figures.editInfo", { ...this.seenOf(now), tags: list.map((t) => ({ tagId: t.tagId, name: t.name, ...(t.value === undefined ? {} : { value: t.value }) })) }, "tags", { figure: { key: o.key, in: "id" } });
    };
    this.step(o.key, () => set(tags), () => set(was));
  }
  // The tag of this key goes on the selected object, or on the image; pressed again it comes off.
  tagByKey(key: string): boolean {
    const tag = this.tags.find((t) => t.hotkey && t.hotkey.toLowerCase() === key.toLowerCase());
    const m = this.job.meta;
    const only = new Set(m.projectTags.map((t) => t.id));
    if (!tag || m.readOnlyTags.includes(tag.name) || (only.size > 0 && !only.has(tag.id) && !m.dynamicTags)) return false;
    const o = tag.applicable_type === "imagesOnly" ? undefined : this.object;
    const value = tag.value_type === "oneof_string" ? tag.values?.[0] : tag.value_type === "any_number" ? 0 : tag.value_type === "none" ? undefined : "";
    if (o) {
      const has = o.tags.some((t) => t.tagId === tag.id);
      this.setObjectTags(o, [...o.tags.filter((t) => t.tagId !== tag.id), ...(has ? [] : [{ id: 0, tagId: tag.id, name: tag.name, ...(value === undefined ? {} : { value }) }])]);
    } else if (tag.applicable_type !== "objectsOnly") this.setImageTag(tag, value, !this.doc?.tags.some((t) => t.tagId === tag.id));
    return true;
  }
  setImageTag(tag: TagMeta, value: string | number | null | undefined, on: boolean): void {
    const d = this.doc;
    if (!d) return;
    const was = d.tags.find((t) => t.tagId === tag.id);
    const max = this.job.meta.imageTagsLimit ?? 0;
    if (on && !was && max > 0 && d.tags.length >= max) return this.say(`This job allows ${max} tags an image.`, true);
    const set = (next: ImageTag | undefined) => {
      const there = d.tags.some((t) => t.tagId === tag.id);
      d.tags = [...d.tags.filter((t) => t.tagId !== tag.id), ...(next ? [next] : [])];
      if (there) this.op("image-tags.bulk.remove-from-images", { tagIds: [tag.id], ids: [d.imageId] }, "tag");
      if (next) this.op("image-tags.bulk.add-to-image", { tagId: tag.id, ids: [d.imageId], ...(next.value === undefined || next.value === null ? {} : { value: next.value }) }, "tag");
    };
    const next = on ? { id: 0, tagId: tag.id, name: tag.name, value: value ?? null } : undefined;
    this.step("", () => set(next), () => set(was));
  }

  toggle(key: string, what: "hidden" | "locked", all = false): void {
    const d = this.doc;
    const o = d?.objects.find((x) => x.key === key);
    if (!d || (!o && !all)) return;
    const value = all ? !d.objects.every((x) => x[what]) : !o?.[what];
    for (const x of all ? d.objects : o ? [o] : []) x[what] = value || (what === "locked" && !isOurs(x));
    this.touch();
  }
  cycle(by: number): void {
    const list = this.doc?.objects ?? [];
    if (!list.length) return;
    const at = list.findIndex((o) => o.key === this.selected.value);
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length;
    this.select(list[next]?.key ?? "");
  }

  // ---- drafts ----

  private startDraft(p: Point): void {
    if (this.full) return this.say(`This job allows ${this.limit} objects an image. Remove one first.`, true);
    this.select("");
    this.engine.scene.draft = { color: this.color, type: this.tool.value, points: [p] };
    this.drafting.value = true;
    this.engine.frame();
  }

  // A click with a tool that draws by points.
  private point(raw: Point): void {
    const d = this.doc;
    if (!d) return;
    const tool = this.tool.value;
    const p = tool === "rectangle" ? snapEdge(raw, d.width, d.height) : snap(raw, d.width, d.height);
    const draft = this.engine.scene.draft;
    if (tool === "point") {
      this.add({ ...this.fresh("point"), points: [p] });
    } else if (tool === "graph") {
      this.addGraph(raw);
    } else if (!draft) {
      this.startDraft(p);
    } else if (tool === "rectangle") {
      draft.points = [draft.points[0] as Point, p];
      this.finish();
    } else if (tool === "polygon" && draft.points.length > 2 && Math.hypot(raw[0] - (draft.points[0] as Point)[0], raw[1] - (draft.points[0] as Point)[1]) < this.engine.near * 1.3) {
      this.finish();
    } else {
      const before = draft.points[draft.points.length - 1];
      if (before && before[0] === p[0] && before[1] === p[1]) return;
      draft.points.push(p);
      this.engine.frame();
    }
  }

  private addGraph([x, y]: Point): void {
    const config = this.classOf(this.classId.value)?.geometry_config;
    const d = this.doc;
    if (!config || !d) return;
    const locs = Object.values(config.nodes).map((n) => n.loc);
    const [left, top] = [Math.min(...locs.map((l) => l[0])), Math.min(...locs.map((l) => l[1]))];
    const span = Math.max(1, ...locs.map((l) => Math.max(l[0] - left, l[1] - top)));
    const k = (Math.min(d.width, d.height) * 0.25) / span;
    const nodes = Object.fromEntries(Object.entries(config.nodes).map(([id, n]) => [id, { loc: snap([x + (n.loc[0] - left) * k, y + (n.loc[1] - top) * k], d.width, d.height) }]));
    if (this.add({ ...this.fresh("graph"), nodes })) this.pickSelectKeeping();
  }
  private pickSelectKeeping(): void {
    const key = this.selected.value;
    this.tool.value = "select";
    this.select(key);
  }

  // A hole in the selected polygon, drawn like a polygon.
  startHole(raw?: Point): void {
    const [o, d] = [this.object, this.doc];
    if (!o || !d || o.type !== "polygon" || o.locked || this.readOnly.value) return;
    this.tool.value = "polygon";
    this.lastTool = "polygon";
    this.engine.scene.draft = { color: "#ffffff", type: "polygon", points: raw ? [snap(raw, d.width, d.height)] : [], holeOf: o.key };
    this.drafting.value = true;
    this.engine.frame();
  }
  fillHoles(): void {
    const o = this.object;
    if (o?.holes.length && !o.locked && !this.readOnly.value) this.change(o, { ...o, holes: [] });
  }

  stepBack(): void {
    const draft = this.engine.scene.draft;
    if (draft && draft.points.length > 1) {
      draft.points.pop();
      this.engine.frame();
    } else this.cancel();
  }

  cancel(): void {
    this.engine.scene.draft = null;
    if (this.engine.scene.brush) {
      this.engine.scene.brush = null;
      this.before = null;
      this.engine.changed();
    }
    this.drafting.value = false;
    this.pen = false;
    this.last = null;
    this.engine.frame();
  }

  // What is being drawn is done.
  finish(): void {
    if (this.engine.scene.brush) this.finishMask();
    const draft = this.engine.scene.draft;
    if (!draft) {
      this.drafting.value = false;
      return;
    }
    const [a, b] = draft.points;
    let o: Obj | null = null;
    if (draft.type === "rectangle" && a && b) {
      const points: Point[] = [[Math.min(a[0], b[0]), Math.min(a[1], b[1])], [Math.max(a[0], b[0]), Math.max(a[1], b[1])]];
      if ((points[1] as Point)[0] > (points[0] as Point)[0] && (points[1] as Point)[1] > (points[0] as Point)[1]) o = { ...this.fresh("rectangle"), points };
    } else if (draft.type === "polygon" && draft.points.length > 2) o = { ...this.fresh("polygon"), points: draft.points };
    if (o && draft.holeOf) return this.finishHole(draft.holeOf, draft.points);
    if (draft.type === "line" && draft.points.length > 1) o = { ...this.fresh("line"), points: draft.points };
    this.engine.scene.draft = null;
    this.drafting.value = false;
    if (o) this.add(o);
    else this.engine.frame();
  }

  private finishHole(key: string, hole: Point[]): void {
    const of = this.doc?.objects.find((x) => x.key === key);
    this.engine.scene.draft = null;
    this.drafting.value = false;
    this.tool.value = "select";
    if (!of) return this.engine.frame();
    if (hole.every((p) => hit({ ...of, holes: [] }, p[0], p[1], this.engine.near))) this.change(of, { ...of, holes: [...of.holes, hole] });
    else this.say("A hole must lie inside its polygon.", true);
    this.select(key);
  }

  // ---- brush ----

  private startMask(): boolean {
    const d = this.doc;
    if (!d) return false;
    if (this.engine.scene.brush) return true;
    const chosen = this.object;
    const o = chosen?.mask && !chosen.locked && chosen.key === this.editing ? chosen : undefined;
    if (!o && this.tool.value === "eraser") {
      this.say("Select a mask to erase from.", true);
      return false;
    }
    if (!o && this.full) {
      this.say(`This job allows ${this.limit} objects an image. Remove one first.`, true);
      return false;
    }
    const color = this.engine.scene.colors.get(o?.classId ?? this.classId.value) ?? "#888888";
    const mask = spread(o?.mask ?? null, d.width, d.height);
    this.before = o?.mask ?? null;
    this.engine.scene.brush = { mask, color, key: o?.key ?? "" };
    this.drafting.value = true;
    this.engine.changed();
    return true;
  }

  private dab(to: Point, erase: boolean): void {
    if (!this.startMask()) return;
    const b = this.engine.scene.brush;
    if (!b) return;
    const from = this.last ?? to;
    const box = stroke(b.mask, from[0], from[1], to[0], to[1], this.size.value / 2, erase ? 0 : 1);
    this.last = to;
    this.engine.brushed(box);
  }

  private finishMask(): void {
    const b = this.engine.scene.brush;
    if (!b) return;
    const mask = crop(b.mask);
    const from = this.doc?.objects.find((o) => o.key === b.key);
    this.engine.scene.brush = null;
    this.drafting.value = false;
    this.last = null;
    this.pen = false;
    if (from && this.before) {
      if (!mask) this.remove(from.key);
      else this.change(from, { ...from, mask });
    } else if (mask && this.add({ ...this.fresh("bitmap"), mask })) this.editing = "";
    this.before = null;
    this.engine.changed();
  }

  private ring(at: Point | null = this.mouse.value): void {
    const brushing = this.tool.value === "brush" || this.tool.value === "eraser";
    this.engine.scene.ring = brushing && at ? { at, r: this.size.value / 2, erase: this.tool.value === "eraser" || this.erasing } : null;
    this.engine.frame();
  }
  resizeBrush(factor: number): void {
    this.size.value = Math.max(1, Math.min(2000, Math.round(this.size.value * factor) + (factor > 1 ? 1 : -1)));
    this.ring();
  }

  // ---- mouse ----

  pointerDown(e: PointerEvent): void {
    const at = this.engine.toImage(e.clientX, e.clientY);
    this.engine.host.setPointerCapture(e.pointerId);
    const pan = e.button === 1 || e.button === 2 || this.space;
    this.down = { at, screen: [e.clientX, e.clientY], pan, vertex: -1, moving: null, started: false };
    if (pan || e.button !== 0 || !this.doc) return;
    const tool = this.tool.value;
    if (tool === "select") this.grab(at, e);
    else if (tool === "brush" || tool === "eraser") {
      this.last = null;
      this.dab(at, tool === "eraser" || e.shiftKey);
    } else if (tool === "rectangle" && !this.engine.scene.draft) this.startDraft(snapEdge(at, this.doc.width, this.doc.height));
    else this.point(at);
  }

  private grab(at: Point, e: PointerEvent): void {
    const o = this.object;
    const near = this.engine.near;
    if (o && this.down && !this.readOnly.value && !o.locked) {
      const handles = o.nodes ? Object.values(o.nodes).map((n) => n.loc) : this.engine.corners(o);
      const vertex = handles.findIndex((p) => Math.hypot(p[0] - at[0], p[1] - at[1]) <= near);
      if (vertex >= 0) {
        if (o.nodes && (e.ctrlKey || e.metaKey)) return this.toggleNode(o, vertex);
        if ((e.altKey || e.shiftKey) && o.type !== "rectangle") return this.removeVertex(o, vertex);
        this.down.vertex = vertex;
        this.down.moving = o;
        return;
      }
      const edge = this.edgeAt(o, at);
      if (edge >= 0) return this.insertVertex(o, edge, at);
      if (e.shiftKey && o.type === "polygon" && hit(o, at[0], at[1], 0)) return this.startHole(at);
    }
    const found = [...(this.doc?.objects ?? [])].reverse().find((x) => !x.hidden && hit(x, at[0], at[1], near));
    this.select(found?.key ?? "");
    if (found && this.down && !this.readOnly.value && !found.locked) this.down.moving = found;
  }

  private edgeAt(o: Obj, at: Point): number {
    if (o.type !== "polygon" && o.type !== "line") return -1;
    const n = o.points.length;
    for (let i = 0; i < (o.type === "polygon" ? n : n - 1); i++) if (toSegment(o.points[i] as Point, o.points[(i + 1) % n] as Point, at[0], at[1]) < this.engine.near * 0.6) return i;
    return -1;
  }
  private insertVertex(o: Obj, edge: number, at: Point): void {
    const d = this.doc;
    if (!d) return;
    const points = [...o.points];
    points.splice(edge + 1, 0, snap(at, d.width, d.height));
    this.change(o, { ...o, points });
  }
  private removeVertex(o: Obj, vertex: number): void {
    if (o.nodes) return this.removeNode(o, vertex);
    const min = o.type === "polygon" ? 3 : o.type === "line" ? 2 : 1;
    if (vertex < o.points.length) {
      if (o.points.length > min) this.change(o, { ...o, points: o.points.filter((_, i) => i !== vertex) });
      return;
    }
    let left = vertex - o.points.length; // of a hole; one that has too few left is gone
    this.change(o, { ...o, holes: o.holes.map((h) => h.filter(() => left-- !== 0)).filter((h) => h.length > 2) });
  }
  private toggleNode(o: Obj, at: number): void {
    const [id, node] = Object.entries(o.nodes ?? {})[at] ?? [];
    if (id && node) this.change(o, { ...o, nodes: { ...o.nodes, [id]: { loc: node.loc, ...(node.disabled ? {} : { disabled: true }) } } });
  }
  private removeNode(o: Obj, at: number): void {
    const entries = Object.entries(o.nodes ?? {});
    if (entries.length > 1) this.change(o, { ...o, nodes: Object.fromEntries(entries.filter((_, i) => i !== at)) });
  }

  pointerMove(e: PointerEvent): void {
    const at = this.engine.toImage(e.clientX, e.clientY);
    this.mouse.value = at;
    this.erasing = e.shiftKey;
    const down = this.down;
    const draft = this.engine.scene.draft;
    this.ring(at);
    if (down?.pan) {
      this.engine.panBy(e.clientX - down.screen[0], e.clientY - down.screen[1]);
      if (Math.hypot(e.clientX - down.screen[0], e.clientY - down.screen[1]) > 0) this.spaceMoved = true;
      down.screen = [e.clientX, e.clientY];
      return;
    }
    if (down && this.engine.scene.brush) {
      for (const c of e.getCoalescedEvents?.() ?? [e]) this.dab(this.engine.toImage(c.clientX, c.clientY), this.tool.value === "eraser" || e.shiftKey);
      return;
    }
    if (draft && this.doc) {
      draft.cursor = this.tool.value === "rectangle" ? snapEdge(at, this.doc.width, this.doc.height) : snap(at, this.doc.width, this.doc.height);
      this.engine.frame();
    }
    if (down?.moving) this.drag(down.moving, at);
  }

  private drag(o: Obj, at: Point): void {
    const d = this.doc;
    const down = this.down;
    if (!d || !down || (!down.started && Math.hypot(at[0] - down.at[0], at[1] - down.at[1]) * this.engine.view.scale < 4)) return;
    down.started = true;
    const i = d.objects.findIndex((x) => x.key === o.key);
    if (i >= 0) d.objects[i] = down.vertex < 0 ? this.shifted(o, at) : this.reshaped(o, down.vertex, at);
    this.engine.frame();
  }
  private shifted(o: Obj, at: Point): Obj {
    const d = this.doc as Doc;
    const [left, top, right, bottom] = bounds(o);
    const dx = Math.max(-Math.floor(left), Math.min(Math.floor(d.width - right), Math.round(at[0] - (this.down?.at[0] ?? 0))));
    const dy = Math.max(-Math.floor(top), Math.min(Math.floor(d.height - bottom), Math.round(at[1] - (this.down?.at[1] ?? 0))));
    return moved(o, dx, dy);
  }
  private reshaped(o: Obj, vertex: number, at: Point): Obj {
    const d = this.doc as Doc;
    if (o.nodes) {
      const [id] = Object.entries(o.nodes)[vertex] ?? [];
      return id ? { ...o, nodes: { ...o.nodes, [id]: { ...o.nodes[id], loc: snap(at, d.width, d.height) } } } : o;
    }
    if (o.type === "rectangle") {
      const p = snapEdge(at, d.width, d.height);
      const fixed = this.engine.corners(o)[(vertex + 2) % 4] as Point;
      return { ...o, points: [[Math.min(p[0], fixed[0]), Math.min(p[1], fixed[1])], [Math.max(p[0], fixed[0]), Math.max(p[1], fixed[1])]] };
    }
    const p = snap(at, d.width, d.height);
    if (vertex < o.points.length) return { ...o, points: o.points.map((x, i) => (i === vertex ? p : x)) };
    let left = vertex - o.points.length;
    return { ...o, holes: o.holes.map((h) => h.map((x) => (left-- === 0 ? p : x))) };
  }

  pointerUp(e: PointerEvent): void {
    const down = this.down;
    this.down = null;
    if (!down || down.pan || !this.doc) return;
    if (this.engine.scene.brush) {
      this.last = null;
      return;
    }
    const at = this.engine.toImage(e.clientX, e.clientY);
    const draft = this.engine.scene.draft;
    if (draft?.type === "rectangle" && draft.points.length === 1 && Math.hypot(e.clientX - down.screen[0], e.clientY - down.screen[1]) > 4) this.point(at);
    if (down.started && down.moving) {
      const now = this.doc.objects.find((x) => x.key === down.moving?.key);
      const i = this.doc.objects.findIndex((x) => x.key === down.moving?.key);
      if (now && i >= 0) {
        this.doc.objects[i] = down.moving;
        this.change(down.moving, now);
      }
    }
  }
  leave(): void {
    this.mouse.value = null;
    this.ring(null);
  }
  wheel(e: WheelEvent): void {
    e.preventDefault();
    if (e.altKey) return this.resizeBrush(e.deltaY < 0 ? 1.1 : 0.9);
    if (e.shiftKey) return this.shine((e.deltaY || e.deltaX) < 0 ? 0.05 : -0.05);
    this.engine.zoomAt(e.clientX, e.clientY, Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0016)));
  }
  readonly opacity = signal(0.4);
  shine(by: number, to = this.opacity.value + by): void {
    this.opacity.value = Math.max(0, Math.min(1, to));
    this.engine.opacity = this.opacity.value;
    this.engine.changed();
  }
  holdSpace(on: boolean): void {
    if (on) {
      if (!this.space) this.spaceMoved = false;
      this.space = true;
      return;
    }
    const tapped = this.space && !this.spaceMoved;
    this.space = false;
    if (!tapped) return;
    if (this.keyboard.value) this.press();
    else this.finish();
  }

  // ---- drawing by keyboard: a cross that arrows move and Space presses ----

  toggleKeyboard(): void {
    this.keyboard.value = !this.keyboard.value;
    const d = this.doc;
    this.engine.scene.cross = this.keyboard.value && d ? [Math.floor(d.width / 2) + 0.5, Math.floor(d.height / 2) + 0.5] : null;
    this.mouse.value = this.engine.scene.cross;
    this.ring();
  }
  moveCross(dx: number, dy: number): void {
    const d = this.doc;
    const c = this.engine.scene.cross;
    if (!d || !c) return;
    const p = snap([c[0] + dx, c[1] + dy], d.width, d.height);
    this.engine.scene.cross = p;
    this.mouse.value = p;
    if (this.pen) this.dab(p, this.tool.value === "eraser");
    if (this.engine.scene.draft) this.engine.scene.draft.cursor = p;
    this.ring(p);
  }
  private press(): void {
    const p = this.engine.scene.cross;
    if (!p) return;
    const tool = this.tool.value;
    if (tool === "select") {
      const found = [...(this.doc?.objects ?? [])].reverse().find((x) => !x.hidden && hit(x, p[0], p[1], this.engine.near));
      this.select(found?.key ?? "");
    } else if (tool === "brush" || tool === "eraser") {
      this.pen = !this.pen;
      this.last = null;
      if (this.pen) this.dab(p, tool === "eraser");
    } else this.point(p);
  }
}
