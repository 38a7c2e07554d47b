// What happened to one object: who, when, from what to what. A state of it can be looked at on the image,
// and brought back.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api";
import { Icon, Person, Time } from "../kit";
import { attempt, explain } from "../state";
import type { ImageTag, Job } from "../types";
import type { Changes } from "./changes";
import { bounds, type FigureThen, type Obj, readThen } from "./doc";
import type { Editor } from "./edit";
import * as outbox from "./outbox";

interface FigureChange { versionId: number | null; date: string; user: string | null; jobId: number | null; action: string; from: FigureThen | null; to: FigureThen | null }

const ROWS = 20; // of a long history, at first

// Where an object of points was, in words; masks are only seen.
function placeOf(f: FigureThen): string {
  const points = f.geometry.points?.exterior;
  if (!points?.length) return "";
  const [left, top, right, bottom] = bounds({ points } as Obj).map(Math.round) as [number, number, number, number];
  return `${right - left} × ${bottom - top} at ${left}, ${top}`;
}

function differences(editor: Editor, from: FigureThen, to: FigureThen): string[] {
  const list: string[] = [];
  const text = (t: ImageTag) => `${editor.tags.find((x) => x.id === t.tagId)?.name ?? "tag"}${t.value === null || t.value === undefined ? "" : ` ${t.value}`}`;
  const tags = (f: FigureThen) => f.tags.map(text).sort().join(", ") || "none";
  if (from.classId !== to.classId) list.push(`class: ${from.classTitle} → ${to.classTitle}`);
  if (JSON.stringify(from.geometry) !== JSON.stringify(to.geometry)) list.push(placeOf(from) && placeOf(to) ? `shape: ${placeOf(from)} → ${placeOf(to)}` : "shape");
  if (tags(from) !== tags(to)) list.push(`tags: ${tags(from)} → ${tags(to)}`);
  if (from.description !== to.description) list.push(`description: ${from.description || "none"} → ${to.description || "none"}`);
  return list.length ? list : ["changed"];
}

function what(editor: Editor, c: FigureChange): string[] {
  if (!c.to) return ["removed"];
  if (!c.from) return [c.action === "create_figure" ? `drawn as ${c.to.classTitle}` : "brought back"];
  return differences(editor, c.from, c.to);
}

export function HistoryPanel({ editor, job, changes, may, refresh }: { editor: Editor; job: Job; changes: Changes | null; may: boolean; refresh: () => Promise<unknown> | undefined }) {
  const [open, setOpen] = useState(false);
  const [list, setList] = useState<FigureChange[] | null>(null); // newest first
  const [wrong, setWrong] = useState("");
  const [shown, setShown] = useState<FigureChange | null>(null);
  const [rows, setRows] = useState(ROWS);
  const [again, setAgain] = useState(0);
  const key = editor.selected.value;
  const o = editor.version.value >= 0 ? editor.object : undefined;
  const id = key ? outbox.idOf(key) : 0;

  useEffect(() => {
    setList(null);
    setShown(null);
    setRows(ROWS);
  }, [id]);
  useEffect(() => {
    if (!open || !id) return;
    let gone = false;
    call<FigureChange[]>("figures.history", { id }, { jobId: job.id }).then(
      (l) => { if (!gone) { setList(l.reverse()); setWrong(""); } },
      (e) => { if (!gone) { setList([]); setWrong(explain(e)); } },
    );
    return () => { gone = true; };
  }, [open, id, o?.seen, outbox.savedAt.value, again]);
  useEffect(() => { // as it was, in outlines
    if (!open || !shown?.to) return;
    let gone = false;
    const ghost = (g: Obj[]) => {
      editor.engine.scene.ghosts = g;
      editor.engine.changed();
    };
    readThen(shown.to).then((then) => {
      if (gone) return;
      ghost([then]);
      editor.engine.lookAt(then);
    }, () => {});
    return () => {
      gone = true;
      ghost([]);
      changes?.show();
    };
  }, [open, shown]);

  if (!id) return null;
  const restore = async (versionId: number) => {
    await editor.settled();
    if (!(await attempt(() => call("figures.history.restore", { id, versionId }, { jobId: job.id }), "It is again what it was"))) return;
    setShown(null);
    await refresh();
    if (editor.doc) await changes?.load(editor.doc.imageId).catch(() => {});
    setAgain(again + 1);
  };
  return (
    <section aria-label="History">
      <h2>History<button type="button" class="btn g s" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide" : "Show"}</button></h2>
      {open ? wrong ? <p class="wrongtext pad" role="alert">{wrong}</p> : (
        <ol class="history" aria-busy={!list}>
          {(list ?? []).slice(0, rows).map((c, i) => {
            const next = list?.[i - 1]; // what it was before this one is what it was after `c`
            const at = new Date(c.date).toLocaleString();
            return (
              <li key={`${c.versionId} ${c.date}`}>
                <span class="row"><Person login={c.user} /><span class="grow" /><span class="muted">{i ? <Time value={c.date} /> : <>now, since <Time value={c.date} /></>}</span></span>
                {what(editor, c).map((w) => <span key={w}>{w}</span>)}
                {next && c.to ? (
                  <span class="row">
                    <button type="button" class="btn s" aria-pressed={shown === c} aria-label={`Look at it as of ${at}`} onClick={() => setShown(shown === c ? null : c)}><Icon name="eye" />Look</button>
                    {may && next.versionId ? <button type="button" class="btn s" aria-label={`Restore it as of ${at}`} onClick={() => void restore(next.versionId as number)}><Icon name="restart" />Restore</button> : null}
                  </span>
                ) : null}
              </li>
            );
          })}
          {list && list.length > rows ? <li><button type="button" class="btn g s" onClick={() => setRows(rows * 4)}>{list.length - rows} older</button></li> : null}
        </ol>
      ) : null}
    </section>
  );
}
