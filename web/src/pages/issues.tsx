// Issues: what people talk about, with the images and jobs it is about.
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { Confirm, count, Dialog, Empty, Failed, Field, Icon, Id, Person, type Question, Skeleton, Text, Time } from "../kit";
import { attempt, can, session, team, useData } from "../state";
import type { Issue, Member } from "../types";
import { Chosen } from "./queues";

const Markdown = lazy(() => import("../md").then((m) => m.Markdown));
const State = ({ value }: { value: Issue["status"] }) => <span class={`chip ${value === "open" ? "st-in_progress" : "st-completed"}`}>{value}</span>;

export function Issues() {
  const id = team.value?.id ?? 0;
  const [shown, setShown] = useState<"open" | "closed" | "">("open");
  const [adding, setAdding] = useState(false);
  const filter = shown ? [{ field: "status", operator: "=", value: shown }] : [];
  const { data, error, reload } = useData(`issues ${id} ${shown}`, () => all<Issue>("issues.list", { teamId: id, filter, sort: "updatedAt", sort_order: "desc" }));
  useEffect(() => { document.title = "Issues · labeld"; }, []);
  const list = [...(data ?? [])].sort((a, b) => Number(b.isPinned ?? false) - Number(a.isPinned ?? false));
  return (
    <main id="main">
      <div class="pagehead"><h1>Issues</h1><span class="muted">{data ? count(data.length, "issue") : ""}</span><span class="grow" /><button type="button" class="btn p" onClick={() => setAdding(true)}><Icon name="plus" />New issue</button></div>
      <div class="filters"><span class="seg" role="group" aria-label="Issues shown">{([["open", "Open"], ["closed", "Closed"], ["", "All"]] as const).map(([key, text]) => <button type="button" key={key} aria-pressed={shown === key} onClick={() => setShown(key)}>{text}</button>)}</span></div>
      {data ? list.length ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Issues">
          <table class="t">
            <thead><tr><th scope="col">Id</th><th scope="col">Issue</th><th scope="col">Status</th><th scope="col">By</th><th scope="col">Created</th><th scope="col">Changed</th></tr></thead>
            <tbody>{list.map((i) => (
              <tr key={i.id}><td><Id value={i.id} what="issue" /></td><td><Link class="name" href={`/issues/${i.id}`}>{i.name}</Link>{i.isPinned ? <small>pinned</small> : null}</td><td><State value={i.status} /></td><td><Person login={i.userLogin} /></td><td><Time value={i.createdAt} /></td><td><Time value={i.updatedAt} /></td></tr>
            ))}</tbody>
          </table>
        </div>
      ) : <Empty icon="comment" title={shown === "open" ? "No open issues" : "No such issues"}><p>An issue is a question or a fault to talk about, with the images it is about.</p></Empty>
        : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
      {adding ? <NewIssue close={() => setAdding(false)} /> : null}
    </main>
  );
}

function NewIssue({ close }: { close: () => void }) {
  const [, go] = useLocation();
  const id = team.value?.id ?? 0;
  const people = useData(`members ${id}`, can.view.value ? () => all<Member>("members.list", { teamId: id }) : null).data ?? [];
  const [f, setF] = useState({ name: "", comment: "" });
  const [assignees, setAssignees] = useState<number[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    try {
      const made = await call<{ id: number }>("issues.add", { teamId: id, name: f.name, isLocal: true, ...(f.comment ? { comment: f.comment } : {}), ...(assignees.length ? { assignees } : {}) }, { operation: crypto.randomUUID() });
      close();
      go(`/issues/${made.id}`);
    } catch (e) {
      setError(e as ApiError);
    }
  };
  return (
    <Dialog title="New issue" close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p">Open issue</button></>}>
      {error && error.field !== "name" ? <div class="alert" role="alert">{error.message}</div> : null}
      <Text label="Name" value={f.name} set={(name) => setF({ ...f, name })} required autoFocus wrong={error?.field === "name" ? error.message : undefined} />
      <Field label="First comment" hint="Markdown">{(a) => <textarea {...a} rows={4} value={f.comment} onInput={(e) => setF({ ...f, comment: e.currentTarget.value })} />}</Field>
      {people.length ? <Chosen label="For" people={people} value={assignees} set={setAssignees} /> : null}
    </Dialog>
  );
}

export function IssuePage({ id }: { id: number }) {
  const [, go] = useLocation();
  const [text, setText] = useState("");
  const [editing, setEditing] = useState<{ id: number; text: string } | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const { data: i, error, reload } = useData(`issue ${id}`, () => call<Issue>("issues.info", { id, withSubIssues: true }));
  const teamId = team.value?.id ?? 0;
  const people = useData(`members ${teamId}`, can.view.value ? () => all<Member>("members.list", { teamId }) : null).data ?? [];
  useEffect(() => { document.title = `${i?.name ?? "Issue"} · labeld`; }, [i?.name]);
  if (!i) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;
  const mine = session.value?.user?.id;
  const edits = can.manage.value || i.createdBy === mine;
  const edit = (body: object, done: string) => attempt(() => call("issues.editInfo", { id, ...body }), done).then(reload);
  const say = async (e: Event) => {
    e.preventDefault();
    if (text.trim() && (await attempt(() => call("issues.comments.add", { issueId: id, comment: text }, { operation: crypto.randomUUID() })))) {
      setText("");
      reload();
    }
  };
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/issues">Issues</Link> / <span>{i.name}</span></nav>
      <div class="pagehead">
        <h1>{i.name}</h1><State value={i.status} /><span class="muted">issue <Id value={i.id} what="issue" /> · by {i.userLogin} <Time value={i.createdAt} /></span><span class="grow" />
        {edits ? <button type="button" class="btn" onClick={() => edit({ isPinned: !i.isPinned }, i.isPinned ? "No longer pinned" : "Pinned")}>{i.isPinned ? "Unpin" : "Pin"}</button> : null}
        <button type="button" class="btn p" onClick={() => edit({ status: i.status === "open" ? "closed" : "open" }, i.status === "open" ? "Closed" : "Open again")}>{i.status === "open" ? "Close issue" : "Open again"}</button>
        {edits ? <button type="button" class="btn d icon" aria-label="Remove the issue" onClick={() => setQuestion({ title: "Remove this issue?", yes: "Remove issue", danger: true, text: "Its comments go with it.", run: async () => { if (await attempt(() => call("issues.remove", { id }), "Removed")) go("/issues"); } })}><Icon name="trash" /></button> : null}
      </div>
      <div class="two">
        <div class="stack">
          {(i.comments ?? []).map((c) => (
            <article class="talk" key={c.id} aria-label={`Comment by ${c.createdByUser}`}>
              <header><Person login={c.createdByUser} /><span class="muted"><Time value={c.createdAt} />{c.updatedAt !== c.createdAt ? ", changed" : ""}</span><span class="grow" />{c.createdBy === mine && editing?.id !== c.id ? <button type="button" class="btn g s" onClick={() => setEditing({ id: c.id, text: c.comment })}>Edit</button> : null}</header>
              {editing?.id === c.id ? (
                <form class="form" onSubmit={async (e) => { e.preventDefault(); if (await attempt(() => call("issues.comments.editInfo", { id: c.id, comment: editing.text }))) { setEditing(null); reload(); } }}>
                  <textarea aria-label="Comment" rows={4} value={editing.text} onInput={(e) => setEditing({ ...editing, text: e.currentTarget.value })} />
                  <div class="row"><button type="submit" class="btn p s">Save</button><button type="button" class="btn s" onClick={() => setEditing(null)}>Cancel</button></div>
                </form>
              ) : <div class="md"><Suspense fallback={<Skeleton rows={1} />}><Markdown text={c.comment} /></Suspense></div>}
            </article>
          ))}
          <form class="panel form" onSubmit={say}>
            <Field label="Say something" hint="Markdown">{(a) => <textarea {...a} rows={4} value={text} onInput={(e) => setText(e.currentTarget.value)} />}</Field>
            <div class="row"><button type="submit" class="btn p" disabled={!text.trim()}><Icon name="comment" />Comment</button></div>
          </form>
        </div>
        <aside>
          {people.length && edits ? <div class="panel form"><Chosen label="For" people={people} value={i.assignees ?? []} set={(assignees) => void edit({ assignees }, "Changed")} /></div> : null}
          <div class="panel form"><h2>About</h2>
            {i.subIssues?.length ? i.subIssues.map((s, k) => {
              const at = s.bindings?.[0];
              const to = at?.field === "jobId" ? `/jobs/${at.value}` : at?.field === "projectId" ? `/projects/${at.value}` : "";
              const what = s.imageName ?? (at ? `${at.field.replace("Id", "")} ${at.value}` : s.name);
              return <span class="row" key={`${s.id} ${k}`}><State value={s.status} />{to ? <Link href={to}>{what}</Link> : <span class="cut">{what}</span>}</span>;
            }) : <p class="muted">No image, object or job has been named.</p>}
          </div>
        </aside>
      </div>
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}
