// A table of any length: only the rows in view are in the page, and only pages in view are fetched.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";
import { Failed } from "./kit";
import { useLive } from "./state";
import type { List, News } from "./types";

const ROW = 44;
const HEAD = 34;
const PAGE = 100;
const MARGIN = 8; // rows drawn above and below what is seen

export interface Column<T> {
  name: string;
  width: string; // of a grid column
  sort?: string;
  number?: boolean;
  cell: (row: T) => ComponentChildren;
}

export interface Source<T> {
  key: string; // another key is another table
  page: (page: number, perPage: number) => Promise<List<T>>;
}

interface Loaded<T> {
  key: string;
  total: number;
  pages: Map<number, T[]>;
  asked: Set<number>;
}

export function LongTable<T extends { id: number }>(p: {
  label: string;
  source: Source<T>;
  columns: Column<T>[];
  selected: Set<number>;
  select: (ids: Set<number>) => void;
  sort: string;
  setSort: (sort: string) => void;
  empty: ComponentChildren;
  news?: (news: News[], rows: T[]) => [patched: boolean, more: boolean]; // change the rows in place; is there more to ask for?
  onTotal?: (n: number) => void;
  rowLabel: (row: T) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [, redraw] = useState(0);
  const [error, setError] = useState<Error | undefined>();
  const loaded = useRef<Loaded<T>>({ key: "", total: -1, pages: new Map(), asked: new Set() });
  if (loaded.current.key !== p.source.key) loaded.current = { key: p.source.key, total: -1, pages: new Map(), asked: new Set() };
  const now = loaded.current;

  const fetchPage = async (page: number) => {
    now.asked.add(page);
    try {
      const answer = await p.source.page(page, PAGE);
      if (loaded.current !== now) return;
      now.pages.set(page, answer.entities);
      if (answer.total >= 0) now.total = answer.total;
      p.onTotal?.(now.total);
      setError(undefined);
    } catch (e) {
      now.asked.delete(page);
      if (!(e instanceof ApiError && e.status === 0 && now.total >= 0)) setError(e as Error);
    }
    redraw((n) => n + 1);
  };

  const first = Math.max(0, Math.floor(view.top / ROW) - MARGIN);
  const last = Math.min(Math.max(now.total, 0), Math.ceil((view.top + view.height) / ROW) + MARGIN);
  const firstPage = Math.floor(first / PAGE) + 1;
  const lastPage = Math.max(firstPage, Math.ceil(last / PAGE));
  useEffect(() => {
    for (let page = firstPage; page <= lastPage; page++) if (!now.asked.has(page)) void fetchPage(page);
  });
  useLive((news) => {
    if (news && p.news) {
      const rows = [...now.pages.values()].flat();
      const [patched, more] = p.news(news, rows);
      if (patched) redraw((n) => n + 1);
      if (!more) return;
    }
    for (let page = firstPage; page <= lastPage; page++) void fetchPage(page);
    for (const page of now.pages.keys())
      if (page < firstPage || page > lastPage) {
        now.asked.delete(page);
        now.pages.delete(page);
      }
  });
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const measure = () => setView({ top: el.scrollTop, height: el.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    el.addEventListener("scroll", measure, { passive: true });
    return () => {
      watch.disconnect();
      el.removeEventListener("scroll", measure);
    };
  }, []);

  const template = `26px ${p.columns.map((c) => c.width).join(" ")}`;
  const rows: { index: number; row: T | undefined }[] = [];
  for (let i = first; i < last; i++) rows.push({ index: i, row: now.pages.get(Math.floor(i / PAGE) + 1)?.[i % PAGE] });
  const seen = rows.flatMap((r) => (r.row ? [r.row.id] : []));
  const toggle = (id: number) => {
    const next = new Set(p.selected);
    if (!next.delete(id)) next.add(id);
    p.select(next);
  };
  if (error && now.total < 0) return <div class="vt"><Failed error={error} retry={() => { now.asked.clear(); setError(undefined); redraw((n) => n + 1); }} /></div>;
  if (now.total === 0) return <div class="vt">{p.empty}</div>;
  return (
    <div class="vt" ref={box} role="table" aria-label={p.label} aria-rowcount={Math.max(now.total, 0) + 1} tabIndex={0}>
      <div role="rowgroup" style={{ height: HEAD, position: "sticky", top: 0, zIndex: 2 }}>
        <div class="vh2" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          <span role="columnheader">
            <input type="checkbox" aria-label="Select all rows in view" checked={seen.length > 0 && seen.every((id) => p.selected.has(id))}
              onChange={(e) => p.select(e.currentTarget.checked ? new Set([...p.selected, ...seen]) : new Set())} />
          </span>
          {p.columns.map((c) => (
            <span key={c.name} role="columnheader" class={c.number ? "n" : ""} aria-sort={p.sort === c.sort ? "ascending" : p.sort === `-${c.sort}` ? "descending" : "none"}>
              {c.sort ? (
                <button type="button" class="sort" onClick={() => p.setSort(p.sort === c.sort ? `-${c.sort}` : c.sort ?? "")}>
                  {c.name}<span aria-hidden="true">{p.sort === c.sort ? "▲" : p.sort === `-${c.sort}` ? "▼" : ""}</span>
                </button>
              ) : c.name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: Math.max(now.total, 0) * ROW, position: "relative", minWidth: 1018 }}>
        {now.total < 0 ? Array.from({ length: 8 }, (_, i) => (
          <div key={i} class="vr" role="row" style={{ top: i * ROW, gridTemplateColumns: template }}>
            <span role="cell" />{p.columns.map((c) => <span role="cell" key={c.name}><span class="skel" style={{ width: "70%" }} /></span>)}
          </div>
        )) : null}
        {rows.map(({ index, row }) => (
          <div key={index} role="row" aria-rowindex={index + 2} class={`vr${row && p.selected.has(row.id) ? " sel" : ""}`} style={{ top: index * ROW, gridTemplateColumns: template }}>
            <span role="cell">{row ? <input type="checkbox" aria-label={`Select ${p.rowLabel(row)}`} checked={p.selected.has(row.id)} onChange={() => toggle(row.id)} /> : null}</span>
            {p.columns.map((c) => <span key={c.name} role="cell" class={c.number ? "n" : ""}>{row ? c.cell(row) : <span class="skel" style={{ width: "60%" }} />}</span>)}
          </div>
        ))}
      </div>
    </div>
  );
}
