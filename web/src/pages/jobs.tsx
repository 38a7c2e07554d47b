// The labeling jobs of a team: one long table, its filters in the URL.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { all, call } from "../api";
import { Confirm, count, Empty, Icon, Id, Live, Person, Progress, type Question, Status, statusText, Time } from "../kit";
import { attempt, can, team, toast, useData } from "../state";
import { drawing } from "../live";
import { type Column, LongTable } from "../table";
import type { Dataset, Job, List, Member, News, Project } from "../types";

const STATUSES = ["pending", "in_progress", "on_review", "review_completed", "completed", "stopped"];
const FIELDS = ["id", "name", "status", "imagesCount", "finishedImagesCount", "rejectedImagesCount", "acceptedImagesCount", "labelerLogin",
  "reviewerLogin", "projectTitle", "datasetTitle", "createdAt", "startedAt", "finishedAt", "disabled", "priority", "userId", "managerLogin"];

export const columns: Column<Job>[] = [
  { name: "Id", width: "44px", sort: "id", number: true, cell: (j) => <Id value={j.id} what="job" /> },
  { name: "Job", width: "minmax(148px, 3fr)", sort: "name", cell: (j) => (
    <>
      <Link class="name" href={`/jobs/${j.id}`} title={j.name}>{j.name}</Link>
      <small>{j.projectTitle} · {j.datasetTitle}</small>
    </>
  ) },
  { name: "Status", width: "112px", sort: "status", cell: (j) => <><Status value={j.status} />{j.disabled ? <small>archived</small> : null}</> },
  { name: "Progress", width: "minmax(128px, 1.3fr)", cell: (j) => <Progress job={j} /> },
  { name: "Labeler", width: "minmax(88px, 1fr)", cell: (j) => <Person login={j.labelerLogin} /> },
  { name: "Reviewer", width: "minmax(88px, 1fr)", cell: (j) => <Person login={j.reviewerLogin} /> },
  { name: "Created", width: "76px", sort: "createdAt", cell: (j) => <Time value={j.createdAt} /> },
  { name: "Started", width: "76px", sort: "startedAt", cell: (j) => <Time value={j.startedAt} /> },
  { name: "Finished", width: "76px", sort: "finishedAt", cell: (j) => <Time value={j.finishedAt} /> },
  { name: "Priority", width: "52px", sort: "priority", number: true, cell: (j) => j.priority ?? <span class="muted">—</span> },
];

// Counters come with the news. Other changes may move a job into or out of what is shown.
function patch(news: News[], rows: Job[]): [boolean, boolean] {
  let patched = false;
  for (const n of news) {
    const row = n.job && rows.find((r) => r.id === n.jobId);
    if (!row || !n.job) continue;
    Object.assign(row, n.job);
    patched = true;
  }
  return [patched, news.some((n) => !drawing(n) && n.action !== "image_review_status_updated")];
}

export function Jobs() {
  const [, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  const [selected, setSelected] = useState(new Set<number>());
  const [total, setTotal] = useState(-1);
  const [question, setQuestion] = useState<Question | null>(null);
  const [version, setVersion] = useState(0);
  const id = team.value?.id ?? 0;
  const people = useData(`members ${id}`, can.view.value ? () => all<Member>("members.list", { teamId: id }) : null).data ?? [];
  const projects = useData(`projects ${id}`, can.view.value ? () => all<Project>("projects.list", { groupId: id }) : null).data ?? [];
  const inProject = Number(params.get("project") ?? 0);
  const datasets = useData(`datasets ${inProject}`, inProject ? () => all<Dataset>("datasets.list", { projectId: inProject, recursive: true }) : null).data ?? [];
  useEffect(() => { document.title = "Labeling jobs · labeld"; }, []);
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if ((e.target as HTMLElement).closest("input, select, textarea, dialog") || e.ctrlKey || e.metaKey || e.altKey) return;
      if (e.key === "/") { e.preventDefault(); document.getElementById("job-search")?.focus(); }
      if (e.key === "c" && can.create.value) go("/jobs/new");
      if (e.key === "Escape") setSelected(new Set());
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);

  const set = (key: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(key, value); else next.delete(key);
    if (key === "project") next.delete("dataset");
    setSelected(new Set());
    go(`/jobs${next.size ? `?${next}` : ""}`, { replace: key === "name" });
  };
  const get = (key: string) => params.get(key) ?? "";
  const filter: { field: string; operator: string; value: unknown }[] = [];
  if (get("status")) filter.push({ field: "status", operator: "=", value: get("status") });
  if (get("name")) filter.push({ field: "name", operator: "ilike", value: `%${get("name").replace(/[\\%_]/g, "\\$&")}%` });
  for (const [key, field] of [["labeler", "userId"], ["reviewer", "reviewerId"], ["creator", "createdBy"], ["project", "projectId"], ["dataset", "datasetId"]] as const)
    if (get(key)) filter.push({ field, operator: "=", value: Number(get(key)) });
  const sort = get("sort") || "-createdAt";
  const body = {
    teamId: id, filter, showDisabled: get("archived") === "1", fields: FIELDS,
    sort: sort.replace("-", ""), sort_order: sort.startsWith("-") ? "desc" : "asc",
  };
  const filtered = filter.length > 0 || get("archived") === "1";

  const bulk = (verb: string, done: string, run: (ids: number[]) => Promise<unknown>, danger = false) => {
    const ids = [...selected];
    setQuestion({
      title: `${verb} ${count(ids.length, "job")}?`, yes: `${verb} ${count(ids.length, "job")}`, danger,
      text: verb === "Remove" ? "Removed jobs cannot be brought back. What was drawn on the images stays." : verb === "Archive" ? "Archived jobs leave the list. Their data stays, and they can be brought back." : "Their labelers cannot go on until you restart them.",
      run: async () => {
        if (await attempt(() => run(ids))) {
          toast(`${done} ${count(ids.length, "job")}`, verb === "Archive" ? { action: { label: "Undo", run: () => { void attempt(() => call("jobs.bulk.unarchive", { ids })).then(() => setVersion((v) => v + 1)); } } } : {});
          setSelected(new Set());
          setVersion((v) => v + 1);
        }
      },
    });
  };
  const option = (m: { id: number; login?: string; name: string }) => <option key={m.id} value={m.id}>{m.login ?? m.name}</option>;
  const person = (key: string, label: string) => (
    <select aria-label={label} value={get(key)} onChange={(e) => set(key, e.currentTarget.value)}>
      <option value="">{label}: any</option>
      {people.map(option)}
    </select>
  );

  return (
    <main id="main" class="fill">
      <div class="pagehead">
        <h1>Labeling jobs</h1>
        <span class="muted">{total >= 0 ? count(total, "job") : ""}</span>
        <span class="grow" />
        <Live />
        {can.create.value ? <Link class="btn p" href="/jobs/new">New job <kbd>C</kbd></Link> : null}
      </div>
      <div class="filters" role="search">
        <input id="job-search" type="search" aria-label="Search by name" placeholder="Search by name   /" value={get("name")} onInput={(e) => set("name", e.currentTarget.value)} />
        <select aria-label="Status" value={get("status")} onChange={(e) => set("status", e.currentTarget.value)}>
          <option value="">Status: any</option>
          {STATUSES.map((s) => <option key={s} value={s}>{statusText(s)}</option>)}
        </select>
        {person("labeler", "Labeler")}
        {person("reviewer", "Reviewer")}
        {person("creator", "Created by")}
        <select aria-label="Project" value={get("project")} onChange={(e) => set("project", e.currentTarget.value)}>
          <option value="">Project: any</option>
          {projects.map(option)}
        </select>
        {get("project") ? (
          <select aria-label="Dataset" value={get("dataset")} onChange={(e) => set("dataset", e.currentTarget.value)}>
            <option value="">Dataset: any</option>
            {datasets.map(option)}
          </select>
        ) : null}
        <label class="check"><input type="checkbox" checked={get("archived") === "1"} onChange={(e) => set("archived", e.currentTarget.checked ? "1" : "")} /><span>Archived too</span></label>
        {filtered ? <button type="button" class="btn g s" onClick={() => go("/jobs")}>Clear filters</button> : null}
      </div>
      <LongTable
        label="Labeling jobs" columns={columns} selected={selected} select={setSelected} sort={sort} setSort={(s) => set("sort", s)} rowLabel={(j) => j.name} onTotal={setTotal} news={patch}
        source={{ key: JSON.stringify(body) + version, page: (page, per_page) => call<List<Job>>("jobs.list", { ...body, page, per_page }) }}
        empty={filtered ? (
          <Empty icon="search" title="No job matches these filters"><button type="button" class="btn" onClick={() => go("/jobs")}>Clear filters</button></Empty>
        ) : (
          <Empty icon="jobs" title="No jobs yet">
            <p>A job gives some images of a dataset to a labeler.</p>
            {can.create.value ? <Link class="btn p" href="/jobs/new">New job</Link> : null}
          </Empty>
        )}
      />
      {selected.size > 0 ? (
        <div class="bulk" role="toolbar" aria-label="Selected jobs">
          <b>{selected.size} selected</b>
          <button type="button" class="btn s" onClick={() => bulk("Stop", "Stopped", (ids) => Promise.all(ids.map((i) => call("jobs.stop", { id: i }))))}><Icon name="stop" />Stop</button>
          <button type="button" class="btn s" onClick={() => bulk("Archive", "Archived", (ids) => call("jobs.bulk.archive", { ids }))}><Icon name="archive" />Archive</button>
          <button type="button" class="btn s d" onClick={() => bulk("Remove", "Removed", (ids) => call("jobs.bulk.remove", { ids }), true)}><Icon name="trash" />Remove</button>
          <span class="grow" />
          <button type="button" class="btn g s" onClick={() => setSelected(new Set())}>Clear <kbd>Esc</kbd></button>
        </div>
      ) : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}
