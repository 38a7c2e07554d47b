// The panels beside the canvas: classes, tags, objects, the selected object, how it is shown.
import { useState } from "preact/hooks";
import { count, Icon, Id } from "../kit";
import { shapeText } from "../pages/meta";
import type { ImageTag, TagMeta } from "../types";
import type { Obj } from "./doc";
import type { Editor } from "./edit";
import { classKey } from "./keys";

const ROWS = 60; // of objects drawn at first
const seen = (editor: Editor) => editor.version.value >= 0; // panels are drawn anew with the document

export function ClassPanel({ editor, may }: { editor: Editor; may: boolean }) {
  return (
    <section aria-label="Classes">
      <h2>Classes</h2>
      {editor.offered.map((c, i) => (
        <button type="button" class="o" key={c.id} aria-pressed={editor.classId.value === c.id} style={editor.classId.value === c.id ? { background: "var(--accent-soft)", boxShadow: "inset 2px 0 var(--accent)" } : {}} disabled={!may}
          onClick={() => { editor.chooseClass(c.id); editor.engine.host.focus(); }}>
          <i class="sw" style={{ background: c.color }} /><span class="t1">{c.title}</span><span class="t2">{shapeText(c.shape)}</span>{c.hotkey || i < 9 ? <kbd>{c.hotkey || classKey(i)}</kbd> : null}
        </button>
      ))}
    </section>
  );
}

function Value({ tag, value, set, disabled, name }: { tag: TagMeta; value: ImageTag["value"]; set: (v: string | number) => void; disabled: boolean; name: string }) {
  const [text, setText] = useState(String(value ?? ""));
  if (tag.value_type === "oneof_string")
    return (
      <select aria-label={name} disabled={disabled} value={String(value ?? "")} onChange={(e) => set(e.currentTarget.value)} style={{ width: 116, height: 24 }}>
        {value === null || value === undefined ? <option value="">choose…</option> : null}
        {(tag.values ?? []).map((v) => <option key={v}>{v}</option>)}
      </select>
    );
  const number = tag.value_type === "any_number";
  return <input aria-label={name} disabled={disabled} type={number ? "number" : "text"} step="any" value={text} style={{ width: 116, height: 24 }} onInput={(e) => setText(e.currentTarget.value)}
    onKeyDown={(e) => { if (e.key === "Enter") e.currentTarget.blur(); }} onBlur={() => { if (text !== "" && text !== String(value ?? "")) set(number ? Number(text) : text); }} />;
}

function offeredTags(editor: Editor, on: "imagesOnly" | "objectsOnly", className?: string): { tag: TagMeta; fixed: boolean }[] {
  const m = editor.job.meta;
  const only = new Set(m.projectTags.map((t) => t.id));
  return editor.tags.flatMap((tag) => {
    const fixed = m.readOnlyTags.includes(tag.name);
    const offered = only.size === 0 || only.has(tag.id) || m.dynamicTags || fixed;
    const here = !tag.applicable_type || tag.applicable_type === "all" || tag.applicable_type === on;
    const forClass = !className || !tag.classes?.length || tag.classes.includes(className);
    return offered && here && forClass ? [{ tag, fixed }] : [];
  });
}

function Row({ tag, given, may, set, where }: { tag: TagMeta; given: ImageTag | undefined; may: boolean; set: (on: boolean, value?: string | number) => void; where: string }) {
  const first = tag.value_type === "oneof_string" ? tag.values?.[0] : tag.value_type === "any_number" ? 0 : "";
  const valued = tag.value_type !== "none";
  return (
    <div class="o" style={{ cursor: "default" }}>
      <label class="row t1"><input type="checkbox" disabled={!may} checked={!!given} aria-label={`${tag.name} ${where}`} onChange={(e) => set(e.currentTarget.checked, valued ? first : undefined)} /><i class="sw" style={{ background: tag.color, borderRadius: 6 }} />{tag.name}</label>
      {given && valued ? <Value key={String(given.value)} tag={tag} value={given.value} disabled={!may} name={`Value of ${tag.name} ${where}`} set={(v) => set(true, v)} /> : null}
    </div>
  );
}

export function ImageTags({ editor, may }: { editor: Editor; may: boolean }) {
  const list = seen(editor) ? offeredTags(editor, "imagesOnly") : [];
  const tags = editor.doc?.tags ?? [];
  const max = editor.job.meta.imageTagsLimit;
  if (!list.length) return null;
  return (
    <section aria-label="Image tags">
      <h2>Image tags <span>{tags.length}{max ? ` of ${max}` : ""}</span></h2>
      {list.map(({ tag, fixed }) => <Row key={tag.id} tag={tag} where="on the image" may={may && !fixed} given={tags.find((t) => t.tagId === tag.id)} set={(on, value) => editor.setImageTag(tag, value, on)} />)}
    </section>
  );
}

export function ObjectPanel({ editor }: { editor: Editor }) {
  const objects = seen(editor) ? (editor.doc?.objects ?? []) : [];
  const [shown, setShown] = useState(ROWS);
  const name = (o: Obj) => editor.classOf(o.classId)?.title ?? "?";
  return (
    <section aria-label="Objects" style={{ minHeight: 90 }}>
      <h2>Objects <span data-testid="objects">{objects.length}{editor.limit ? ` of ${editor.limit}` : ""}</span></h2>
      {objects.length ? null : <p class="muted" style={{ padding: "0 12px" }}>Nothing drawn yet.</p>}
      <div style={{ maxHeight: "34vh", overflow: "auto" }}>
        {objects.slice(0, shown).map((o, i) => {
          const mark = editor.engine.scene.marks.get(o.key);
          return (
            <div key={o.key} class={`o${o.hidden ? " hid" : ""}${mark ? ` diff-${mark}` : ""}`} style={editor.selected.value === o.key ? { background: "var(--accent-soft)", boxShadow: "inset 2px 0 var(--accent)" } : {}}>
              <button type="button" class="row t1" aria-pressed={editor.selected.value === o.key} style={{ border: 0, background: "none", padding: 0, textAlign: "left", cursor: "pointer" }} onClick={() => { editor.select(o.key); editor.engine.host.focus(); }}>
                <i class="sw" style={{ background: editor.classOf(o.classId)?.color ?? "#888" }} /><span class="t1">{name(o)} {o.id ? `#${o.id}` : `${i + 1}`}</span><span class="t2">{mark ?? (o.tags.length ? o.tags.map((t) => t.name).join(", ") : shapeText(o.type))}</span>
              </button>
              <button type="button" class="btn g icon s" aria-label={`${o.locked ? "Unlock" : "Lock"} ${name(o)} ${i + 1}`} aria-pressed={o.locked} style={{ opacity: o.locked ? 1 : 0.45 }} onClick={() => editor.toggle(o.key, "locked")}><Icon name="lock" /></button>
              <button type="button" class="btn g icon s" aria-label={`${o.hidden ? "Show" : "Hide"} ${name(o)} ${i + 1}`} aria-pressed={o.hidden} onClick={() => editor.toggle(o.key, "hidden")}><Icon name="eye" /></button>
            </div>
          );
        })}
        {objects.length > shown ? <button type="button" class="btn g s" onClick={() => setShown(shown * 4)}>{objects.length - shown} more</button> : null}
      </div>
    </section>
  );
}

export function SelectedPanel({ editor, may }: { editor: Editor; may: boolean }) {
  const o = seen(editor) && editor.selected.value ? editor.object : undefined;
  if (!o) return null;
  const c = editor.classOf(o.classId);
  const list = offeredTags(editor, "objectsOnly", c?.title);
  const fits = editor.offered.filter((x) => x.shape === o.type || x.shape === "any");
  const change = (tag: TagMeta, on: boolean, value?: string | number) =>
    editor.setObjectTags(o, [...o.tags.filter((t) => t.tagId !== tag.id), ...(on ? [{ id: 0, tagId: tag.id, name: tag.name, ...(value === undefined ? {} : { value }) }] : [])]);
  return (
    <section aria-label="Selected object">
      <h2>Selected {may ? <button type="button" class="btn s d" onClick={() => editor.remove()}><Icon name="trash" />Delete</button> : null}</h2>
      <label class="o" style={{ cursor: "default" }}><span class="t1">Class</span>
        <select disabled={!may} value={o.classId} style={{ width: 140, height: 24 }} onChange={(e) => { editor.tool.value = "select"; editor.pickClass(Number(e.currentTarget.value)); }}>
          {(fits.some((x) => x.id === o.classId) || !c ? fits : [c, ...fits]).map((x) => <option key={x.id} value={x.id}>{x.title}</option>)}
        </select>
      </label>
      {list.map(({ tag, fixed }) => <Row key={tag.id} tag={tag} where="on the object" may={may && !fixed} given={o.tags.find((t) => t.tagId === tag.id)} set={(on, value) => change(tag, on, value)} />)}
      {may && o.type === "polygon" ? (
        <p class="row" style={{ padding: "2px 12px", margin: 0 }}>
          <button type="button" class="btn s" onClick={() => { editor.startHole(); editor.engine.host.focus(); }}>Cut a hole</button>
          {o.holes.length ? <button type="button" class="btn g s" onClick={() => editor.fillHoles()}>Fill {count(o.holes.length, "hole")}</button> : null}
        </p>
      ) : null}
      <p class="muted" style={{ padding: "2px 12px 6px", margin: 0, fontSize: "var(--fs1)" }}>by {o.who}{o.id ? <> · <Id value={o.id} what="object" /></> : null}</p>
    </section>
  );
}

export function ViewPanel({ editor }: { editor: Editor }) {
  const [own, setV] = useState({ brightness: 100, contrast: 100 });
  const v = { ...own, opacity: Math.round(editor.opacity.value * 100) };
  const set = (change: Partial<typeof v>) => {
    const next = { ...v, ...change };
    setV(next);
    if (change.opacity !== undefined) editor.shine(0, change.opacity / 100);
    editor.engine.filter = next.brightness === 100 && next.contrast === 100 ? "none" : `brightness(${next.brightness}%) contrast(${next.contrast}%)`;
    editor.engine.changed();
  };
  return (
    <section aria-label="View">
      <h2>View</h2>
      {(["opacity", "brightness", "contrast"] as const).map((k) => (
        <label class="o" key={k} style={{ cursor: "default", minHeight: 24 }}><span class="t2" style={{ width: 70, textTransform: "capitalize" }}>{k}</span><input type="range" min={k === "opacity" ? 0 : 20} max={k === "opacity" ? 100 : 250} value={v[k]} onInput={(e) => set({ [k]: Number(e.currentTarget.value) })} style={{ flex: 1, minWidth: 0 }} /></label>
      ))}
    </section>
  );
}
