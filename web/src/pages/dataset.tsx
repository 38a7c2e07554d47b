// The images of a dataset: gallery and upload.
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, call } from "../api";
import { bytes, Confirm, count, Empty, Failed, Icon, Id, Menu, type Question, Skeleton, Time } from "../kit";
import { EMPTY, keep } from "./draft";
import { Collect, Images } from "./images";
import { Rename } from "./project";
import { everything } from "../live";
import { attempt, can, explain, team, useData } from "../state";
import { inParallel, putImage } from "../transfer";
import type { Dataset, Image, Project } from "../types";

export function DatasetPage({ id }: { id: number }) {
  const [, go] = useLocation();
  const [question, setQuestion] = useState<Question | null>(null);
  const [renaming, setRenaming] = useState(false);
  const [collecting, setCollecting] = useState<{ ids: number[]; clear: () => void } | null>(null);
  const d = useData(`dataset ${id}`, () => call<Dataset>("datasets.info", { id }));
  const projectId = d.data?.projectId ?? 0;
  const project = useData(`project ${projectId}`, projectId ? () => call<Project>("projects.info", { id: projectId }) : null).data;
  useEffect(() => { document.title = `${d.data?.name ?? "Dataset"} · labeld`; }, [d.data?.name]);
  if (!d.data) return <main id="main">{d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />}</main>;
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/projects">Projects</Link> / <Link href={`/projects/${projectId}`}>{project?.name ?? "…"}</Link> / <span>{d.data.name}</span></nav>
      <div class="pagehead">
        <h1>{d.data.name}</h1><span class="muted">{count(d.data.imagesCount, "image")} · {bytes(Number(d.data.size))} · created <Time value={d.data.createdAt} /> · dataset <Id value={id} what="dataset" /></span><span class="grow" />
        {can.create.value ? <Link class="btn" href={`/jobs/new?dataset=${id}`}><Icon name="jobs" />New job</Link> : null}
        {can.manage.value ? (
          <Menu right icon name="More actions" label={<Icon name="more" />}>
            <button type="button" onClick={() => setRenaming(true)}><Icon name="edit" />Rename…</button>
            <button type="button" onClick={() => setQuestion({ title: `Archive ${d.data?.name}?`, yes: "Archive dataset", danger: true, text: "The dataset, all below it and their jobs leave the lists.", run: async () => { if (await attempt(() => call("datasets.archive", { id }), "Archived")) go(`/projects/${projectId}`); } })}><Icon name="archive" />Archive…</button>
          </Menu>
        ) : null}
      </div>
      {can.manage.value ? <Upload datasetId={id} done={everything} /> : null}
      <div class="over" />
      <Images key={id} where={{ datasetId: id }} projectId={projectId} selectable={can.create.value} empty={<Empty icon="image" title="No images yet"><p>Drop files above, or upload them with the SDK.</p></Empty>}
        actions={(ids, clear) => <>
          <button type="button" class="btn s" onClick={() => { keep(team.value?.id ?? 0, { ...EMPTY, projectId, datasetId: id, which: "pick", images: ids }); go("/jobs/new"); }}><Icon name="jobs" />New job with them</button>
          {can.manage.value ? <>
            <button type="button" class="btn s" onClick={() => setCollecting({ ids, clear })}><Icon name="collection" />Add to a collection…</button>
            <button type="button" class="btn s d" onClick={() => setQuestion({ title: `Remove ${count(ids.length, "image")}?`, yes: "Remove", danger: true, text: "They leave their jobs too.", run: async () => { if (await attempt(() => call("images.bulk.remove", { imageIds: ids }), "Removed")) { clear(); everything(); } } })}><Icon name="trash" />Remove</button>
          </> : null}
        </>} />
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
      {collecting ? <Collect projectId={projectId} ids={collecting.ids} close={() => setCollecting(null)} done={collecting.clear} /> : null}
      {renaming ? <Rename title="Rename the dataset" name={d.data.name} description={d.data.description} save={(x) => call("datasets.editInfo", { id, ...x })} close={() => setRenaming(false)} done={d.reload} /> : null}
    </main>
  );
}

interface Row {
  name: string;
  state: "waiting" | "sending" | "done" | "failed";
  text: string;
}

// A name that is taken gets a number.
function Upload({ datasetId, done }: { datasetId: number; done: () => void }) {
  const [rows, setRows] = useState<Row[]>([]);
  const [over, setOver] = useState(false);
  const busy = rows.some((r) => r.state === "waiting" || r.state === "sending");
  const input = useRef<HTMLInputElement>(null);

  const one = async (file: File, names: Set<string>): Promise<string> => {
    const title = free(file.name, names);
    names.add(title);
    await putImage(datasetId, title, file);
    return title;
  };

  const send = async (files: File[]) => {
    const list: Row[] = files.map((f) => ({ name: f.name, state: "waiting", text: "" }));
    const show = () => setRows([...list]);
    show();
    const names = new Set((await all<Image>("images.list", { datasetId })).map((i) => i.name));
    await inParallel(files.map((file, i) => ({ file, row: list[i] as Row })), async ({ file, row }) => {
      row.state = "sending";
      show();
      try {
        const title = await one(file, names);
        row.state = "done";
        row.text = title === file.name ? "" : `as ${title}`;
      } catch (e) {
        row.state = "failed";
        row.text = explain(e);
      }
      show();
    });
    done();
  };
  const failed = rows.filter((r) => r.state === "failed");
  const ready = rows.filter((r) => r.state === "done").length;
  return (
    <section aria-label="Upload images" class={`drop${over ? " over" : ""}`}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); void send([...(e.dataTransfer?.files ?? [])]); }}>
      <input ref={input} type="file" multiple accept="image/*" class="vh" aria-label="Choose images" onChange={(e) => { const files = [...(e.currentTarget.files ?? [])]; e.currentTarget.value = ""; if (files.length) void send(files); }} />
      <div class="row" style={{ justifyContent: "center" }}>
        <Icon name="upload" /><span>Drop images here, or</span>
        <button type="button" class="btn" disabled={busy} onClick={() => input.current?.click()}>Choose files</button>
      </div>
      {rows.length ? (
        <div style={{ marginTop: 12, display: "grid", gap: 6, textAlign: "left" }} role="status">
          <span class="bar" role="img" aria-label={`${ready} of ${rows.length} uploaded`}><i class="a" style={{ width: `${(ready / rows.length) * 100}%` }} /><i class="r" style={{ width: `${(failed.length / rows.length) * 100}%` }} /></span>
          <span>{busy ? "Uploading: " : ""}{ready} of {count(rows.length, "file")} uploaded{failed.length ? `, ${failed.length} failed` : ""}</span>
          {failed.map((r) => <span key={r.name} class="wrong" style={{ color: "var(--bad)" }}>{r.name}: {r.text}</span>)}
        </div>
      ) : null}
    </section>
  );
}

function free(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  let title = name;
  for (let n = 1; taken.has(title); n++) title = `${stem}_${n}${ending}`;
  return title;
}
