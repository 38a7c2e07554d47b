// The film strip: only thumbnails in view are in the page, however many images the job has.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Picture, statusText } from "../kit";
import type { JobEntity, ReviewStatus } from "../types";

const PITCH = 99; // pixels from one thumbnail to the next
const MARGIN = 4;

type Which = "all" | "left" | "done" | "rejected";
const FITS: Record<Which, (s: ReviewStatus) => boolean> = {
  all: () => true, left: (s) => s === "none", done: (s) => s === "done" || s === "accepted" || s === "quality_check_accepted", rejected: (s) => s === "rejected",
};
const mark = (s: ReviewStatus) => (s === "none" ? "" : s === "rejected" ? "✕ rejected" : `✓ ${statusText(s)}`);

export function Strip(p: { entities: JobEntity[]; current: number; states: Map<number, ReviewStatus>; show: (id: number) => void; jobId: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ left: 0, width: 1200 });
  const [which, setWhich] = useState<Which>("all");
  const status = (e: JobEntity) => p.states.get(e.id) ?? "none";
  const list = useMemo(() => p.entities.flatMap((e, i) => (e.id === p.current || FITS[which](status(e)) ? [{ e, n: i + 1 }] : [])), [p.entities, p.states, p.current, which]);
  const at = list.findIndex(({ e }) => e.id === p.current);
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const measure = () => setView({ left: el.scrollLeft, width: el.clientWidth });
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    el.addEventListener("scroll", measure, { passive: true });
    return () => {
      watch.disconnect();
      el.removeEventListener("scroll", measure);
    };
  }, []);
  useEffect(() => {
    const el = box.current;
    if (!el || at < 0) return;
    if (at * PITCH < el.scrollLeft || (at + 1) * PITCH > el.scrollLeft + el.clientWidth) el.scrollLeft = at * PITCH - el.clientWidth / 2 + PITCH / 2;
  }, [at, which]);
  const first = Math.max(0, Math.floor(view.left / PITCH) - MARGIN);
  const last = Math.min(list.length, Math.ceil((view.left + view.width) / PITCH) + MARGIN);
  return (
    <div class="strip">
      <label class="stripwhich"><span class="vh">Images shown</span>
        <select value={which} onChange={(e) => setWhich(e.currentTarget.value as Which)}>
          <option value="all">All</option><option value="left">Left</option><option value="done">Done</option><option value="rejected">Rejected</option>
        </select>
        <span class="muted">{list.length}</span>
      </label>
      <div class="film" ref={box} role="listbox" aria-label="Images" aria-orientation="horizontal" tabIndex={-1}>
        <div role="presentation" style={{ width: list.length * PITCH, height: 72, position: "relative" }}>
          {list.slice(first, last).map(({ e, n }, i) => {
            const s = status(e);
            const here = e.id === p.current;
            return (
              <button type="button" role="option" key={e.id} class="th" style={{ left: (first + i) * PITCH }} aria-selected={here} aria-posinset={first + i + 1} aria-setsize={list.length}
                aria-label={`${n} ${mark(s) || "left"}: ${e.name}`} title={e.name} onClick={() => p.show(e.id)} tabIndex={here ? 0 : -1}>
                <Picture id={e.id} name="" jobId={p.jobId} /><span class="i">{n}</span>{s === "none" ? null : <span class={`m m-${s}`}>{mark(s)}</span>}
              </button>
            );
          })}
        </div>
      </div>
    </div>
  );
}
