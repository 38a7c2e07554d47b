// Classes and tags of a project: what can be drawn, and what can be said about it.
import { useState } from "preact/hooks";
import { type ApiError, call } from "../api";
import { Confirm, Dialog, Empty, Failed, Icon, Id, Menu, type Question, Select, Skeleton, Text } from "../kit";
import { attempt, can, useData } from "../state";
import { holder } from "../tool/keys";
import type { ClassMeta, KeypointTemplate, ProjectMeta, TagMeta } from "../types";
import { TemplateEditor } from "./template";

const COLORS = ["#e6483d", "#f5a623", "#c8b400", "#7ed321", "#2fa84f", "#22b8a6", "#1fa0dc", "#3b6ee0", "#7b61ff", "#b355d9", "#e0559d", "#8b6b4a"];
const SHAPES = [
  { value: "bitmap", text: "mask" }, { value: "polygon", text: "polygon" }, { value: "rectangle", text: "rectangle" }, { value: "line", text: "polyline" }, { value: "point", text: "point" },
  { value: "graph", text: "keypoints" }, { value: "alpha_mask", text: "alpha mask" }, { value: "any", text: "any shape" },
];
export const shapeText = (s: string) => SHAPES.find((x) => x.value === s)?.text ?? s.replace(/_/g, " ");
const TYPES = [{ value: "none", text: "no value" }, { value: "any_string", text: "text" }, { value: "any_number", text: "number" }, { value: "oneof_string", text: "one of a list" }];

export interface Usage { classes: Map<number, number>; tags: Map<number, number> }
const useMeta = (id: number) => useData(`meta ${id}`, () => call<ProjectMeta>("projects.meta", { id }));
const update = (id: number, meta: object) => call("projects.meta.update", { id, meta });

// A colour that is far from those in use.
const free = (used: string[]) => COLORS.find((c) => !used.some((u) => u.toLowerCase() === c)) ?? COLORS[used.length % COLORS.length] ?? "#1fa0dc";

// Why a key cannot be given to a class or a tag; tools and other classes come first.
function keyTaken(key: string, meta: ProjectMeta, own: number): string | undefined {
  if (!key) return;
  const other = [...meta.classes.map((c) => ({ id: c.id, hotkey: c.hotkey, name: c.title })), ...meta.tags].find((x) => x.id !== own && x.hotkey && x.hotkey.toLowerCase() === key.toLowerCase());
  const has = other?.name ?? (/^[1-9]$/.test(key) ? undefined : holder(key.toUpperCase()));
  return has ? `${key.toUpperCase()} is taken by: ${has}` : undefined;
}

function Colour({ value, set }: { value: string; set: (v: string) => void }) {
  return (
    <div class="field"><label for="meta-color">Colour</label>
      <span class="row wrap"><input id="meta-color" type="color" value={value.toLowerCase()} onInput={(e) => set(e.currentTarget.value.toUpperCase())} />
        {COLORS.map((c) => <button type="button" key={c} class="swatch" style={{ background: c }} aria-label={`Colour ${c}`} aria-pressed={value.toLowerCase() === c} onClick={() => set(c.toUpperCase())} />)}
      </span>
    </div>
  );
}

export function Classes({ id, usage }: { id: number; usage: Usage | undefined }) {
  const { data, error, reload } = useMeta(id);
  const [edit, setEdit] = useState<Partial<ClassMeta> | null>(null);
  const [wrong, setWrong] = useState<ApiError | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Skeleton />;
  const template: KeypointTemplate = edit?.geometry_config ?? { nodes: {}, edges: [] };
  const badKey = edit ? keyTaken(edit.hotkey ?? "", data, edit.id ?? 0) : undefined;
  const noNodes = edit?.shape === "graph" && !Object.keys(template.nodes).length;
  const save = async () => {
    if (!edit || badKey || noNodes) return;
    const color = edit.color?.toUpperCase();
    try {
      if (edit.id) await call("advanced.object_classes.editInfo", { id: edit.id, name: edit.title, color, hotkey: edit.hotkey ?? "" });
      if (!edit.id || edit.shape === "graph") await update(id, { classes: [{ title: edit.title, shape: edit.shape, color, hotkey: edit.hotkey ?? "", ...(edit.shape === "graph" ? { geometry_config: template } : {}) }], tags: [] });
      reload();
      setEdit(null);
    } catch (e) {
      setWrong(e as ApiError);
    }
  };
  const remove = (c: ClassMeta) => setQuestion({
    title: `Remove the class ${c.title}?`, yes: "Remove class", danger: true, text: usage?.classes.get(c.id) ? `Its ${usage.classes.get(c.id)} objects are removed too.` : "Objects of it are removed too.",
    run: () => attempt(() => call("projects.classes.remove", { projectId: id, id: c.id }), `Removed ${c.title}`).then(reload),
  });
  return (
    <>
      {can.manage.value ? <div class="filters"><button type="button" class="btn p" onClick={() => { setWrong(null); setEdit({ title: "", shape: "bitmap", color: free(data.classes.map((c) => c.color)), hotkey: "" }); }}><Icon name="plus" />New class</button></div> : null}
      {data.classes.length ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Classes">
        <table class="t">
          <thead><tr><th scope="col">Class</th><th scope="col">Shape</th><th scope="col">Key</th><th scope="col" class="n">Objects</th><th scope="col">Id</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
          <tbody>{data.classes.map((c) => (
            <tr key={c.id}>
              <td><span class="row"><i class="sw" style={{ background: c.color }} /><b>{c.title}</b></span></td>
              <td>{shapeText(c.shape)}{c.shape === "graph" && c.geometry_config ? <small>{Object.keys(c.geometry_config.nodes ?? {}).length} points</small> : null}</td><td>{c.hotkey ? <kbd>{c.hotkey}</kbd> : <span class="muted">—</span>}</td>
              <td class="n">{usage ? (usage.classes.get(c.id) ?? 0).toLocaleString() : ""}</td><td><Id value={c.id} what="class" /></td>
              <td class="n">{can.manage.value ? <span class="row" style={{ justifyContent: "flex-end" }}>
                <button type="button" class="btn s" onClick={() => { setWrong(null); setEdit(c); }}>Edit<span class="vh"> {c.title}</span></button>
                <Menu right icon name={`More for ${c.title}`} label={<Icon name="more" />}><button type="button" onClick={() => remove(c)}><Icon name="trash" />Remove…</button></Menu>
              </span> : null}</td>
            </tr>
          ))}</tbody>
        </table>
        </div>
      ) : <Empty icon="tag" title="No classes yet"><p>A class says what is drawn: a name, a shape and a colour.</p></Empty>}
      {edit ? (
        <Dialog title={edit.id ? "Edit class" : "New class"} mid={edit.shape === "graph"} close={() => setEdit(null)} submit={save} foot={<><button type="button" class="btn" onClick={() => setEdit(null)}>Cancel</button><button type="submit" class="btn p" disabled={!!badKey || noNodes}>Save class</button></>}>
          {wrong && wrong.field !== "name" && wrong.field !== "meta" ? <div class="alert" role="alert">{wrong.message}</div> : null}
          <Text label="Name" value={edit.title ?? ""} set={(title) => setEdit({ ...edit, title })} required autoFocus wrong={wrong && (wrong.field === "name" || wrong.field === "meta") ? wrong.message : undefined} />
          <div class="cols">
            {edit.id ? <div class="field"><span class="label">Shape</span><span style={{ lineHeight: "30px" }}>{shapeText(edit.shape ?? "")}</span></div> : <Select label="Shape" value={edit.shape ?? "bitmap"} set={(shape) => setEdit({ ...edit, shape })} options={SHAPES} />}
            <Text label="Key" value={edit.hotkey ?? ""} set={(hotkey) => setEdit({ ...edit, hotkey })} maxLength={1} hint="picks the class while labeling" wrong={badKey} />
          </div>
          <Colour value={edit.color ?? "#000000"} set={(color) => setEdit({ ...edit, color })} />
          {edit.shape === "graph" ? <TemplateEditor value={template} set={(geometry_config) => setEdit((old) => ({ ...old, geometry_config }))} color={edit.color ?? "#888888"} /> : null}
        </Dialog>
      ) : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </>
  );
}

export function Tags({ id, usage }: { id: number; usage: Usage | undefined }) {
  const { data, error, reload } = useMeta(id);
  const [edit, setEdit] = useState<(Partial<TagMeta> & { list?: string }) | null>(null);
  const [wrong, setWrong] = useState<ApiError | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Skeleton />;
  const badKey = edit ? keyTaken(edit.hotkey ?? "", data, edit.id ?? 0) : undefined;
  const save = async () => {
    if (!edit || badKey) return;
    const values = edit.value_type === "oneof_string" ? { values: (edit.list ?? "").split("\n").map((v) => v.trim()).filter(Boolean) } : {};
    try {
      await update(id, { classes: [], tags: [{ ...(edit.id ? { id: edit.id } : {}), name: edit.name, value_type: edit.value_type, color: edit.color?.toUpperCase(), applicable_type: edit.applicable_type ?? "all", hotkey: edit.hotkey ?? "", classes: edit.classes ?? [], ...values }] });
      reload();
      setEdit(null);
    } catch (e) {
      setWrong(e as ApiError);
    }
  };
  const remove = (t: TagMeta) => setQuestion({
    title: `Remove the tag ${t.name}?`, yes: "Remove tag", danger: true, text: "It is taken off every image and object.", run: () => attempt(() => call("projects.tags.remove", { projectId: id, id: t.id }), `Removed ${t.name}`).then(reload),
  });
  const forClasses = edit?.classes ?? [];
  return (
    <>
      {can.manage.value ? <div class="filters"><button type="button" class="btn p" onClick={() => { setWrong(null); setEdit({ name: "", value_type: "none", color: free([...data.tags, ...data.classes].map((t) => t.color)), applicable_type: "all", hotkey: "" }); }}><Icon name="plus" />New tag</button></div> : null}
      {data.tags.length ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Tags">
        <table class="t">
          <thead><tr><th scope="col">Tag</th><th scope="col">Value</th><th scope="col">Goes on</th><th scope="col">Key</th><th scope="col" class="n">Used</th><th scope="col">Id</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
          <tbody>{data.tags.map((t) => (
            <tr key={t.id}>
              <td><span class="row"><i class="sw" style={{ background: t.color, borderRadius: 6 }} /><b>{t.name}</b></span></td>
              <td>{TYPES.find((x) => x.value === t.value_type)?.text ?? t.value_type}{t.values?.length ? <small>{t.values.join(", ")}</small> : null}</td>
              <td>{t.applicable_type === "imagesOnly" ? "images" : t.applicable_type === "objectsOnly" ? "objects" : "images and objects"}{t.classes?.length ? <small>of {t.classes.join(", ")}</small> : null}</td><td>{t.hotkey ? <kbd>{t.hotkey}</kbd> : <span class="muted">—</span>}</td>
              <td class="n">{usage ? (usage.tags.get(t.id) ?? 0).toLocaleString() : ""}</td><td><Id value={t.id} what="tag" /></td>
              <td class="n">{can.manage.value ? <span class="row" style={{ justifyContent: "flex-end" }}>
                <button type="button" class="btn s" onClick={() => { setWrong(null); setEdit({ ...t, list: (t.values ?? []).join("\n") }); }}>Edit<span class="vh"> {t.name}</span></button>
                <Menu right icon name={`More for ${t.name}`} label={<Icon name="more" />}><button type="button" onClick={() => remove(t)}><Icon name="trash" />Remove…</button></Menu>
              </span> : null}</td>
            </tr>
          ))}</tbody>
        </table>
        </div>
      ) : <Empty icon="tag" title="No tags yet"><p>A tag says something about an image or an object, with or without a value.</p></Empty>}
      {edit ? (
        <Dialog title={edit.id ? "Edit tag" : "New tag"} close={() => setEdit(null)} submit={save} foot={<><button type="button" class="btn" onClick={() => setEdit(null)}>Cancel</button><button type="submit" class="btn p" disabled={!!badKey}>Save tag</button></>}>
          <Text label="Name" value={edit.name ?? ""} set={(name) => setEdit({ ...edit, name })} required autoFocus wrong={wrong?.message} />
          <div class="cols">
            {edit.id ? <div class="field"><span class="label">Value</span><span style={{ lineHeight: "30px" }}>{TYPES.find((x) => x.value === edit.value_type)?.text ?? edit.value_type}</span></div> : <Select label="Value" value={edit.value_type ?? "none"} set={(value_type) => setEdit({ ...edit, value_type })} options={TYPES} />}
            <Text label="Key" value={edit.hotkey ?? ""} set={(hotkey) => setEdit({ ...edit, hotkey })} maxLength={1} hint="puts the tag on" wrong={badKey} />
          </div>
          {edit.value_type === "oneof_string" ? <div class="field"><label for="tag-values">Values, one a line</label><textarea id="tag-values" rows={4} value={edit.list ?? ""} onInput={(e) => setEdit({ ...edit, list: e.currentTarget.value })} /></div> : null}
          <Select label="Goes on" value={edit.applicable_type ?? "all"} set={(applicable_type) => setEdit({ ...edit, applicable_type })} options={[{ value: "all" as const, text: "images and objects" }, { value: "imagesOnly" as const, text: "images" }, { value: "objectsOnly" as const, text: "objects" }]} />
          {edit.applicable_type !== "imagesOnly" && data.classes.length ? (
            <fieldset class="plainset"><legend class="label">Only for objects of <span class="muted">(none chosen: all)</span></legend>
              <span class="row wrap">{data.classes.map((c) => <button type="button" key={c.id} class="tagchip" aria-pressed={forClasses.includes(c.title)} onClick={() => setEdit({ ...edit, classes: forClasses.includes(c.title) ? forClasses.filter((x) => x !== c.title) : [...forClasses, c.title] })}><i class="sw" style={{ background: c.color }} />{c.title}</button>)}</span>
            </fieldset>
          ) : null}
          <Colour value={edit.color ?? "#000000"} set={(color) => setEdit({ ...edit, color })} />
        </Dialog>
      ) : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </>
  );
}
