// The activity log, filterable, and as CSV.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { all, call } from "../api";
import { Empty, Failed, Live, Person, Skeleton, statusText, Time } from "../kit";
import { attempt, team, useData } from "../state";
import { save as saveFile } from "../transfer";
import type { ActivityEvent, List, Member, Project } from "../types";

interface Term { field: string; operator: string; value: unknown }

const what = (e: ActivityEvent) => [e.class, e.tag, e.figureId ? `object ${e.figureId}` : null, e.image].filter(Boolean).join(" · ");
const detail = (e: ActivityEvent) => {
  const m = e.meta ?? {};
  if (typeof m.from === "string" && typeof m.to === "string") return `${statusText(m.from)} → ${statusText(m.to)}`;
  return typeof m.reviewStatus === "string" ? statusText(m.reviewStatus) : "";
};

function csvOf(head: string[], rows: unknown[][]): string {
  const cell = (v: unknown) => {
    const s = String(v ?? "");
    const safe = /^[=+\-@\t\r]/.test(s) ? `'${s}` : s; // not a formula for a spreadsheet
    return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return [head, ...rows].map((r) => r.map(cell).join(",")).join("\r\n");
}
const HEAD = ["id", "date", "user", "action", "project", "dataset", "image", "class", "tag", "figureId", "job", "jobId", "meta"];
const csv = (rows: ActivityEvent[]) => csvOf(HEAD, rows.map((e) => [e.id, e.date, e.user, e.action, e.project, e.dataset, e.image, e.class, e.tag, e.figureId, e.job, e.jobId, JSON.stringify(e.meta)]));

function Log({ filter, teamId, jobId }: { filter: Term[]; teamId: number; jobId: number | undefined }) {
  const [pages, setPages] = useState(1);
  const body = { teamId, filter, per_page: pages * 100 };
  const d = useData(`log ${JSON.stringify(body)}`, () => call<List<ActivityEvent>>("teams.activity", body), (n) => !jobId || n.jobId === jobId);
  const save = () => attempt(async () => {
    const rows = await all<ActivityEvent>("teams.activity", { teamId, filter });
    saveFile(new Blob([csv(rows)], { type: "text/csv" }), "activity.csv");
  });
  if (!d.data) return d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />;
  if (!d.data.entities.length) return <Empty icon="activity" title="Nothing has happened that matches" />;
  return (
    <>
      <div class="filters"><span class="muted">{d.data.total.toLocaleString()} events</span><span class="grow" /><button type="button" class="btn s" onClick={save}>Download CSV</button></div>
      <div class="scroller" tabIndex={0} role="region" aria-label="Events">
      <table class="t">
        <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Action</th><th scope="col">What</th>{jobId ? null : <th scope="col">Job</th>}<th scope="col">Where</th></tr></thead>
        <tbody>
          {d.data.entities.map((e) => (
            <tr key={e.id}>
              <td><Time value={e.date} /></td><td><Person login={e.user} /></td><td>{statusText(e.action)}<small>{detail(e)}</small></td><td>{what(e)}</td>
              {jobId ? null : <td>{e.jobId ? <Link href={`/jobs/${e.jobId}`}>{e.job}</Link> : null}</td>}<td class="muted">{[e.project, e.dataset].filter(Boolean).join(" / ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      </div>
      {d.data.total > d.data.entities.length ? <p style={{ marginTop: 10 }}><button type="button" class="btn" onClick={() => setPages(pages + 2)}>Show older</button></p> : null}
    </>
  );
}

// What people do most, first. The log knows more: they are found by searching for nothing.
const ACTIONS = ["login", "create_job", "update_job", "unassign_job", "update_job_status", "image_review_status_updated", "create_image", "create_figure", "update_figure", "disable_figure", "restore_figure", "attach_tag", "detach_tag", "annotation_duration",
  "create_queue", "update_queue", "update_queue_status", "add_member", "remove_member", "create_project", "update_project", "create_dataset", "create_class", "update_class"];

// The log with its filters, which stand in the URL.
export function ActivityLog({ jobId, teamId }: { jobId?: number; teamId: number }) {
  const [path, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  const people = useData(`members ${teamId}`, () => all<Member>("members.list", { teamId })).data ?? [];
  const projects = useData(`projects ${teamId}`, jobId ? null : () => all<Project>("projects.list", { groupId: teamId })).data ?? [];
  const get = (key: string) => params.get(key) ?? "";
  const set = (key: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(key, value); else next.delete(key);
    go(`${path}${next.size ? `?${next}` : ""}`, { replace: true });
  };
  const filter: Term[] = jobId ? [{ field: "jobId", operator: "=", value: jobId }] : [];
  for (const [key, field] of [["person", "userId"], ["project", "projectId"], ["job", "jobId"]] as const) if (get(key)) filter.push({ field, operator: "=", value: Number(get(key)) });
  if (get("action")) filter.push({ field: "type", operator: "=", value: get("action") });
  if (get("from")) filter.push({ field: "date", operator: ">=", value: new Date(`${get("from")}T00:00`).toISOString() });
  if (get("to")) filter.push({ field: "date", operator: "<=", value: new Date(`${get("to")}T23:59:59.999`).toISOString() });
  return (
    <>
      <div class="filters" role="search">
        <select aria-label="Person" value={get("person")} onChange={(e) => set("person", e.currentTarget.value)}><option value="">Person: any</option>{people.map((m) => <option key={m.id} value={m.id}>{m.login}</option>)}</select>
        <select aria-label="Action" value={get("action")} onChange={(e) => set("action", e.currentTarget.value)}><option value="">Action: any</option>{ACTIONS.map((a) => <option key={a} value={a}>{statusText(a)}</option>)}</select>
        {jobId ? null : <select aria-label="Project" value={get("project")} onChange={(e) => set("project", e.currentTarget.value)}><option value="">Project: any</option>{projects.map((p) => <option key={p.id} value={p.id}>{p.name}</option>)}</select>}
        {jobId ? null : <input type="number" min={1} aria-label="Job id" placeholder="Job id" style={{ width: 92 }} value={get("job")} onInput={(e) => set("job", e.currentTarget.value)} />}
        <label class="row">from <input type="date" value={get("from")} onInput={(e) => set("from", e.currentTarget.value)} /></label>
        <label class="row">to <input type="date" value={get("to")} onInput={(e) => set("to", e.currentTarget.value)} /></label>
        {params.size ? <button type="button" class="btn g s" onClick={() => go(path)}>Clear filters</button> : null}
      </div>
      <Log filter={filter} teamId={teamId} jobId={jobId} />
    </>
  );
}

export function Activity() {
  useEffect(() => { document.title = "Activity · labeld"; }, []);
  return (
    <main id="main">
      <div class="pagehead"><h1>Activity</h1><span class="grow" /><Live /></div>
      <ActivityLog teamId={team.value?.id ?? 0} />
    </main>
  );
}
