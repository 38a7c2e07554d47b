// The activity log, filterable, and as CSV.
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { all, call } from "../api";
import { Empty, Failed, Live, Person, Skeleton, statusText, Time } from "../kit";
import { attempt, team, useData } from "../state";
import type { ActivityEvent, List, Member } from "../types";

interface Term { field: string; operator: string; value: unknown }

const what = (e: ActivityEvent) => [e.class, e.tag, e.figureId ? `object ${e.figureId}` : null, e.image].filter(Boolean).join(" · ");
const detail = (e: ActivityEvent) => {
  const m = e.meta ?? {};
  if (typeof m.from === "string" && typeof m.to === "string") return `${statusText(m.from)} → ${statusText(m.to)}`;
  return typeof m.reviewStatus === "string" ? statusText(m.reviewStatus) : "";
};

function csv(rows: ActivityEvent[]): string {
  const cell = (v: unknown) => {
    const s = String(v ?? "");
    const safe = /^[=+\-@\t\r]/.test(s) ? `'${s}` : s; // not a formula for a spreadsheet
    return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const head = "id,date,user,action,project,dataset,image,class,tag,figureId,job,jobId,meta";
  return [head, ...rows.map((e) => [e.id, e.date, e.user, e.action, e.project, e.dataset, e.image, e.class, e.tag, e.figureId, e.job, e.jobId, JSON.stringify(e.meta)].map(cell).join(","))].join("\r\n");
}

export function Log({ filter }: { filter: Term[] }) {
  const [pages, setPages] = useState(1);
  const id = team.value?.id ?? 0;
  const body = { teamId: id, filter, per_page: pages * 100 };
  const d = useData(`log ${JSON.stringify(body)}`, () => call<List<ActivityEvent>>("teams.activity", body));
  const save = () => attempt(async () => {
    const rows = await all<ActivityEvent>("teams.activity", { teamId: id, filter });
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([csv(rows)], { type: "text/csv" }));
    a.download = "activity.csv";
    a.click();
    URL.revokeObjectURL(a.href);
  });
  if (!d.data) return d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />;
  if (!d.data.entities.length) return <Empty icon="activity" title="Nothing has happened that matches" />;
  return (
    <>
      <div class="filters"><span class="muted">{d.data.total.toLocaleString()} events</span><span class="grow" /><button type="button" class="btn s" onClick={save}>Download CSV</button></div>
      <div style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="Events">
      <table class="t">
        <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Action</th><th scope="col">What</th><th scope="col">Job</th><th scope="col">Where</th></tr></thead>
        <tbody>
          {d.data.entities.map((e) => (
            <tr key={e.id}>
              <td><Time value={e.date} /></td><td><Person login={e.user} /></td><td>{statusText(e.action)}<small>{detail(e)}</small></td><td>{what(e)}</td>
              <td>{e.jobId ? <Link href={`/jobs/${e.jobId}`}>{e.job}</Link> : null}</td><td class="muted">{[e.project, e.dataset].filter(Boolean).join(" / ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      </div>
      {d.data.total > d.data.entities.length ? <p style={{ marginTop: 10 }}><button type="button" class="btn" onClick={() => setPages(pages + 2)}>Show older</button></p> : null}
    </>
  );
}

const ACTIONS = ["login", "create_labeling_job", "update_job_status", "image_review_status_updated", "create_image", "create_figure", "update_figure", "disable_figure", "attach_tag", "detach_tag", "add_member", "create_project"];

export function Activity() {
  const id = team.value?.id ?? 0;
  const [user, setUser] = useState("");
  const [action, setAction] = useState("");
  const [from, setFrom] = useState("");
  const people = useData(`members ${id}`, () => all<Member>("members.list", { teamId: id })).data ?? [];
  useEffect(() => { document.title = "Activity · labeld"; }, []);
  const filter: Term[] = [];
  if (user) filter.push({ field: "userId", operator: "=", value: Number(user) });
  if (action) filter.push({ field: "type", operator: "=", value: action });
  if (from) filter.push({ field: "date", operator: ">=", value: new Date(from).toISOString() });
  return (
    <main id="main">
      <div class="pagehead"><h1>Activity</h1><span class="grow" /><Live /></div>
      <div class="filters" role="search">
        <select aria-label="Person" value={user} onChange={(e) => setUser(e.currentTarget.value)}><option value="">Person: any</option>{people.map((m) => <option key={m.id} value={m.id}>{m.login}</option>)}</select>
        <select aria-label="Action" value={action} onChange={(e) => setAction(e.currentTarget.value)}><option value="">Action: any</option>{ACTIONS.map((a) => <option key={a} value={a}>{statusText(a)}</option>)}</select>
        <label class="row">since <input type="date" value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></label>
      </div>
      <Log filter={filter} />
    </main>
  );
}
