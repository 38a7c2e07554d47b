// From the second round on: what has been added, changed and removed on an image since it was sent
// back, marked on it and listed; and how it was before.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../api";
import type { Job } from "../types";
import { type FigureThen, type Obj, readThen } from "./doc";
import type { Editor } from "./edit";
import { keyOf } from "./keys";

interface RoundDiff {
  entityId: number;
  round: number;
  added: FigureThen[];
  changed: { id: number; fields: string[]; before: FigureThen; after: FigureThen }[];
  removed: FigureThen[];
}
export interface Change { key: string; name: string; kind: "added" | "changed" | "removed"; what: string; was?: Obj }

export class Changes {
  readonly list = signal<Change[]>([]);
  readonly before = signal(false); // is it shown as it was?
  private imageId = 0;

  constructor(private readonly editor: Editor, private readonly job: Job) {}

  async load(imageId: number): Promise<void> {
    this.imageId = imageId;
    const diff = await call<RoundDiff>("jobs.rounds.diff", { jobId: this.job.id, entityId: imageId }, { jobId: this.job.id });
    const list: Change[] = diff.added.map((f) => ({ key: `s${f.id}`, name: f.classTitle, kind: "added", what: "" }));
    for (const c of diff.changed) list.push({ key: `s${c.id}`, name: c.after.classTitle, kind: "changed", what: c.fields.map((f) => (f === "geometry" ? "shape" : f)).join(", "), was: await readThen(c.before) });
    for (const f of diff.removed) list.push({ key: `s${f.id}`, name: f.classTitle, kind: "removed", what: "", was: await readThen(f) });
    if (this.imageId !== imageId) return;
    this.list.value = list;
    this.show();
  }
  clear(): void {
    this.imageId = 0;
    this.list.value = [];
    this.before.value = false;
    this.show();
  }
  toggle(): void {
    if (!this.list.value.length && !this.before.value) return this.editor.say("Nothing has changed on this image in this round.");
    this.before.value = !this.before.value;
    this.show();
  }
  show(): void {
    const scene = this.editor.engine.scene;
    const list = this.list.value;
    const added = new Set(list.filter((c) => c.kind === "added").map((c) => c.key));
    const was = new Map(list.flatMap((c) => (c.was ? [[c.key, c.was] as const] : [])));
    scene.marks = new Map(list.map((c) => [c.key, c.kind]));
    scene.ghosts = this.before.value ? [] : [...was.values()];
    scene.before = null;
    if (this.before.value) {
      const objects = this.editor.doc?.objects ?? [];
      scene.before = [...objects.filter((o) => !added.has(o.key)).map((o) => was.get(o.key) ?? o), ...list.filter((c) => c.kind === "removed").flatMap((c) => c.was ?? [])];
      scene.marks = new Map();
    }
    this.editor.touch();
  }
  // To the next object that changed; those that were removed are only looked at.
  step(by: number): void {
    const list = this.list.value;
    if (!list.length) return;
    const at = list.findIndex((c) => c.key === this.editor.selected.value);
    const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length];
    if (next) this.look(next);
  }
  look(c: Change): void {
    this.editor.select(c.key);
    const o = this.editor.object ?? c.was;
    if (o) this.editor.engine.lookAt(o);
  }
}

const SIGN = { added: "+", changed: "~", removed: "−" };

export function ChangesPanel({ changes, editor, job }: { changes: Changes; editor: Editor; job: Job }) {
  const list = changes.list.value;
  const count = (kind: Change["kind"]) => list.filter((c) => c.kind === kind).length;
  const unchanged = editor.version.value >= 0 ? (editor.doc?.objects.length ?? 0) - count("added") - count("changed") : 0;
  return (
    <section aria-label="Changes">
      <h2>Changed in round {job.round}<span>{list.length}</span></h2>
      {list.map((c) => (
        <button type="button" class={`o diff-${c.kind}`} key={`${c.kind} ${c.key}`} aria-pressed={editor.selected.value === c.key} onClick={() => changes.look(c)}>
          <b class="sign" aria-hidden="true">{SIGN[c.kind]}</b><span class="t1">{c.name} #{c.key.slice(1)}</span><span class="t2">{c.kind}{c.what ? `: ${c.what}` : ""}</span>
        </button>
      ))}
      <p class="row muted pad">{unchanged > 0 ? `${unchanged} unchanged` : ""}<span class="grow" />
        <span class="seg small" role="group" aria-label="Shown">
          <button type="button" aria-pressed={!changes.before.value} onClick={() => { if (changes.before.value) changes.toggle(); }}>Now</button>
          <button type="button" aria-pressed={changes.before.value} disabled={!list.length} onClick={() => { if (!changes.before.value) changes.toggle(); }}>Before</button>
        </span><kbd>{keyOf("before")}</kbd>
      </p>
    </section>
  );
}

// Follows the image that is shown.
export function useChanges(changes: Changes | null, imageId: number, again: unknown): void {
  useEffect(() => {
    if (!changes) return;
    changes.clear();
    if (imageId) void changes.load(imageId).catch(() => {});
  }, [changes, imageId]);
  useEffect(() => {
    if (changes && imageId && !changes.before.value) void changes.load(imageId).catch(() => {});
  }, [again]);
}
