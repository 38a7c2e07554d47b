// Guides: instructions that are written once and used by many jobs.
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { count, Empty, Failed, Field, Icon, Id, Skeleton, Text, Time } from "../kit";
import { attempt, can, team, useData } from "../state";
import type { Guide } from "../types";

const Markdown = lazy(() => import("../md").then((m) => m.Markdown));

export function Guides() {
  const id = team.value?.id ?? 0;
  const { data, error, reload } = useData(`guides ${id}`, () => all<Guide>("guides.list", { teamId: id, showDisabled: can.manage.value }));
  useEffect(() => { document.title = "Guides · labeld"; }, []);
  return (
    <main id="main">
      <div class="pagehead"><h1>Guides</h1><span class="muted">{data ? count(data.length, "guide") : ""}</span><span class="grow" />{can.manage.value ? <Link class="btn p" href="/guides/new"><Icon name="plus" />New guide</Link> : null}</div>
      {data ? data.length ? (
        <div class="cards">{data.map((g) => (
          <Link class="card" key={g.id} href={`/guides/${g.id}`}>
            <h2 class="row"><Icon name="book" /><span class="cut">{g.name}</span><span class="grow" />{g.disabledAt ? <span class="chip st-stopped">out of use</span> : null}</h2>
            {g.description ? <span class="muted">{g.description}</span> : null}
            <span class="muted">changed <Time value={g.updatedAt} /></span>
          </Link>
        ))}</div>
      ) : <Empty icon="book" title="No guides yet"><p>A guide tells labelers how to label. Jobs refer to it, so one change reaches all of them.</p>{can.manage.value ? <Link class="btn p" href="/guides/new">New guide</Link> : null}</Empty>
        : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
    </main>
  );
}

export function GuidePage({ id }: { id: number }) {
  const { data: g, error, reload } = useData(`guide ${id}`, () => call<Guide>("guides.info", { id }));
  const [editing, setEditing] = useState(false);
  useEffect(() => { document.title = `${g?.name ?? "Guide"} · labeld`; }, [g?.name]);
  if (!g) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;
  if (editing) return <GuideForm guide={g} done={() => { reload(); setEditing(false); }} />;
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/guides">Guides</Link> / <span>{g.name}</span></nav>
      <div class="pagehead">
        <h1>{g.name}</h1>{g.disabledAt ? <span class="chip st-stopped">out of use</span> : null}<span class="muted">guide <Id value={g.id} what="guide" /> · changed <Time value={g.updatedAt} /></span><span class="grow" />
        {can.manage.value ? <>
          <button type="button" class="btn" onClick={() => attempt(() => call("guides.disable", { id, disable: !g.disabledAt }), g.disabledAt ? "In use again" : "Out of use").then(reload)}>{g.disabledAt ? "Use again" : "Take out of use"}</button>
          <button type="button" class="btn p" onClick={() => setEditing(true)}><Icon name="edit" />Edit</button>
        </> : null}
      </div>
      {g.description ? <p class="muted">{g.description}</p> : null}
      <article class="panel">{g.text ? <Suspense fallback={<Skeleton />}><Markdown text={g.text} /></Suspense> : <p class="muted">Nothing has been written yet.</p>}</article>
    </main>
  );
}

export function GuideForm({ guide, done }: { guide?: Guide; done?: () => void }) {
  const [, go] = useLocation();
  const [f, setF] = useState({ name: guide?.name ?? "", description: guide?.description ?? "", text: guide?.text ?? "" });
  const [preview, setPreview] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => { document.title = `${guide ? "Edit guide" : "New guide"} · labeld`; }, []);
  const submit = async (e: Event) => {
    e.preventDefault();
    try {
      if (guide) await call("guides.editInfo", { id: guide.id, ...f });
      else go(`/guides/${(await call<Guide>("guides.add", { teamId: team.value?.id, ...f }, { operation: crypto.randomUUID() })).id}`);
      done?.();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/guides">Guides</Link> / <span>{guide?.name ?? "new"}</span></nav>
      <div class="pagehead"><h1>{guide ? "Edit guide" : "New guide"}</h1></div>
      <form class="panel form" style={{ maxWidth: 860 }} onSubmit={submit}>
        {error && error.field !== "name" ? <div class="alert" role="alert">{error.message}</div> : null}
        <Text label="Name" value={f.name} set={(name) => setF({ ...f, name })} required autoFocus wrong={error?.field === "name" ? error.message : undefined} />
        <Text label="Description" value={f.description} set={(description) => setF({ ...f, description })} />
        <span class="seg" role="group" aria-label="Guide text" style={{ justifySelf: "start" }}><button type="button" aria-pressed={!preview} onClick={() => setPreview(false)}>Write</button><button type="button" aria-pressed={preview} onClick={() => setPreview(true)}>Preview</button></span>
        {preview ? <div class="note"><Suspense fallback={<Skeleton rows={2} />}><Markdown text={f.text || "*Nothing written yet.*"} /></Suspense></div>
          : <Field label="Text" hint="Markdown">{(a) => <textarea {...a} rows={16} value={f.text} onInput={(e) => setF({ ...f, text: e.currentTarget.value })} />}</Field>}
        <div class="row" style={{ justifyContent: "flex-end" }}><button type="button" class="btn" onClick={() => (done ? done() : go("/guides"))}>Cancel</button><button type="submit" class="btn p">Save guide</button></div>
      </form>
    </main>
  );
}
