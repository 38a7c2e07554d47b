// Ctrl+K: to any page, job or project by a few letters of its name or by its id.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { call } from "./api";
import { Icon, type IconName, statusText } from "./kit";
import { team } from "./state";
import type { Job, List, Project } from "./types";

export interface Place { to: string; name: string; icon: IconName; more?: string }

export function Palette({ places, close }: { places: Place[]; close: () => void }) {
  const [, go] = useLocation();
  const ref = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [found, setFound] = useState<Place[]>([]);
  const [at, setAt] = useState(0);
  useEffect(() => { ref.current?.showModal(); }, []);
  useEffect(() => {
    const query = text.trim();
    setAt(0);
    if (!query) return setFound([]);
    const stop = new AbortController();
    const id = team.value?.id ?? 0;
    const like = `%${query.replace(/[\\%_]/g, "\\$&")}%`;
    const look = async () => {
      const byId = /^\d+$/.test(query) ? [{ field: "id", operator: "=", value: Number(query) }] : null;
      const named = [{ field: "name", operator: "ilike", value: like }];
      const options = { signal: stop.signal };
      const fields = ["id", "name", "status", "projectTitle"];
      const [ids, jobs, projects] = await Promise.all([
        byId ? call<List<Job>>("jobs.list", { teamId: id, filter: byId, fields, per_page: 1 }, options).catch(() => null) : null,
        call<List<Job>>("jobs.list", { teamId: id, filter: named, fields, per_page: 6 }, options).catch(() => null),
        call<List<Project>>("projects.list", { groupId: id, filter: named, per_page: 6 }, options).catch(() => null),
      ]);
      const job = (j: Job): Place => ({ to: `/jobs/${j.id}`, name: j.name, icon: "jobs", more: `job ${j.id} · ${statusText(j.status)}` });
      const all = [...(ids?.entities ?? []).map(job), ...(jobs?.entities ?? []).map(job), ...(projects?.entities ?? []).map((p): Place => ({ to: `/projects/${p.id}`, name: p.name, icon: "projects", more: `project ${p.id}` }))];
      if (!stop.signal.aborted) setFound(all.filter((p, i) => all.findIndex((q) => q.to === p.to) === i));
    };
    const timer = setTimeout(() => void look(), 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  const list = [...places.filter((p) => p.name.toLowerCase().includes(text.trim().toLowerCase())), ...found];
  const open = (p: Place | undefined) => {
    if (!p) return;
    close();
    go(p.to);
  };
  return (
    <dialog ref={ref} class="palette" aria-label="Search or jump" onCancel={(e) => { e.preventDefault(); close(); }} onClick={(e) => { if (e.target === ref.current) close(); }}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); setAt((at + (e.key === "ArrowDown" ? 1 : -1) + list.length) % Math.max(1, list.length)); }
        if (e.key === "Enter") { e.preventDefault(); open(list[at]); }
      }}>
      <label class="row"><Icon name="search" /><span class="vh">Search or jump</span>
        <input type="search" value={text} onInput={(e) => setText(e.currentTarget.value)} placeholder="A page, a job, a project, an id" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={list[at] ? `palette-${at}` : undefined} autoFocus />
      </label>
      <div id="palette-list" role="listbox" aria-label="Places">
        {list.map((p, i) => (
          <button type="button" role="option" id={`palette-${i}`} key={p.to} aria-selected={i === at} tabIndex={-1} onPointerMove={() => setAt(i)} onClick={() => open(p)}>
            <Icon name={p.icon} /><span class="cut">{p.name}</span><span class="grow" /><span class="muted">{p.more}</span>
          </button>
        ))}
        {list.length ? null : <p class="muted" style={{ padding: "10px 14px", margin: 0 }}>Nothing is called that.</p>}
      </div>
    </dialog>
  );
}
