// Projects of the team.
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { bytes, count, Dialog, Empty, Failed, Icon, Picture, Select, Skeleton, Text, Time } from "../kit";
import { can, team, useData } from "../state";
import { datasetsIn, importProject, type Progress, rootOf } from "../transfer";
import type { Image, List, Project, Workspace } from "../types";
import { type Files, openZip } from "../zip";
import { Transfer } from "./project";

// The first images of a project, a dataset or a collection.
export const useCover = (of: object) => useData(`covers ${JSON.stringify(of)}`, () => call<List<Image>>("images.list", { ...of, per_page: 3 })).data;
export const Cover = ({ images }: { images: Image[] | undefined }) => <span class="cover">{images?.length ? images.map((i) => <Picture key={i.id} id={i.id} name="" />) : <Icon name="image" />}</span>;
export const Covers = ({ of }: { of: object }) => <Cover images={useCover(of)?.entities} />;

export function Projects() {
  const id = team.value?.id ?? 0;
  const [adding, setAdding] = useState(false);
  const [importing, setImporting] = useState(false);
  const [search, setSearch] = useState("");
  const { data, error, reload } = useData(`projects ${id}`, () => all<Project>("projects.list", { groupId: id }));
  useEffect(() => { document.title = "Projects · labeld"; }, []);
  const shown = data?.filter((p) => p.name.toLowerCase().includes(search.toLowerCase()));
  return (
    <main id="main">
      <div class="pagehead"><h1>Projects</h1><span class="muted">{data ? count(data.length, "project") : ""}</span><span class="grow" />
        {can.manage.value ? <button type="button" class="btn" onClick={() => setImporting(true)}><Icon name="upload" />Import</button> : null}
        {can.manage.value ? <button type="button" class="btn p" onClick={() => setAdding(true)}><Icon name="plus" />New project</button> : null}</div>
      {data && data.length > 6 ? <div class="filters"><input type="search" aria-label="Search projects" placeholder="Search" value={search} onInput={(e) => setSearch(e.currentTarget.value)} /></div> : null}
      {shown ? shown.length ? (
        <div class="cards">
          {shown.map((p) => (
            <Link class="card" key={p.id} href={`/projects/${p.id}`}>
              <Covers of={{ projectId: p.id }} />
              <h2>{p.name}</h2>
              <span class="muted">{count(p.imagesCount, "image")} · {bytes(Number(p.size))} · changed <Time value={p.updatedAt} /></span>
            </Link>
          ))}
        </div>
      ) : <Empty icon="projects" title="No projects yet"><p>A project holds datasets of images, and the classes and tags that label them.</p></Empty>
        : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
      {importing ? <Import close={() => { setImporting(false); reload(); }} /> : null}
      {adding ? <NewProject close={() => setAdding(false)} /> : null}
    </main>
  );
}

function NewProject({ close }: { close: () => void }) {
  const [, go] = useLocation();
  const id = team.value?.id ?? 0;
  const workspaces = useData(`workspaces ${id}`, () => all<Workspace>("workspaces.list", { teamId: id })).data ?? [];
  const [workspace, setWorkspace] = useState(0);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    try {
      const made = await call<Project>("projects.add", { workspaceId: workspace || workspaces[0]?.id, name, description }, { operation: crypto.randomUUID() });
      close();
      go(`/projects/${made.id}`);
    } catch (e) {
      setError(e as ApiError);
    }
  };
  return (
    <Dialog title="New project" close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p">Create project</button></>}>
      <Text label="Name" value={name} set={setName} required autoFocus wrong={error?.message} />
      <Text label="Description" value={description} set={setDescription} />
      <Select label="Workspace" value={workspace || (workspaces[0]?.id ?? 0)} set={setWorkspace} options={workspaces.map((w) => ({ value: w.id, text: w.name }))} />
    </Dialog>
  );
}

// A project from a zip file or a folder that the SDK, labelctl or another labeld has written.
function Import({ close }: { close: () => void }) {
  const [, go] = useLocation();
  const id = team.value?.id ?? 0;
  const workspaces = useData(`workspaces ${id}`, () => all<Workspace>("workspaces.list", { teamId: id })).data ?? [];
  const [workspace, setWorkspace] = useState(0);
  const [name, setName] = useState("");
  const [files, setFiles] = useState<Files | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [made, setMade] = useState<Project | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const zip = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => { folder.current?.setAttribute("webkitdirectory", ""); }, []);
  const choose = async (input: HTMLInputElement) => {
    const list = [...(input.files ?? [])];
    input.value = "";
    setError(null);
    try {
      const [first] = list;
      if (!first) return;
      const found: Files = first.webkitRelativePath ? new Map(list.map((f) => [f.webkitRelativePath, () => Promise.resolve(f as Blob)])) : await openZip(first);
      const root = rootOf(found);
      if (root === undefined) throw new Error("There is no meta.json in it: this is no project folder.");
      if (!name) setName(root.split("/").filter(Boolean).at(-1) ?? first.name.replace(/\.zip$/i, ""));
      setFiles(found);
    } catch (e) {
      setError(e as Error);
    }
  };
  const images = files ? datasetsIn(files, rootOf(files) ?? "").reduce((n, d) => n + d.images.length, 0) : 0;
  const submit = async () => {
    if (made) return go(`/projects/${made.id}`);
    if (!files) return;
    setError(null);
    try {
      let failed = 0;
      const project = await importProject(files, name, workspace || (workspaces[0]?.id ?? 0), (p) => { failed = p.failed.length; setProgress(p); });
      if (failed) return setMade(project);
      close();
      go(`/projects/${project.id}`);
    } catch (e) {
      setError(e as Error);
      setProgress(null);
    }
  };
  const busy = !!progress && !made;
  return (
    <Dialog title="Import a project" close={close} submit={submit}
      foot={<><button type="button" class="btn" onClick={close} disabled={busy}>{made ? "Close" : "Cancel"}</button><button type="submit" class="btn p" disabled={!files || busy}>{made ? "Open the project" : "Import"}</button></>}>
      <p>A zip file or a folder as <code>sly.download_project</code> writes it: <code>meta.json</code>, and <code>img</code> and <code>ann</code> for each dataset.</p>
      <input ref={zip} type="file" accept=".zip,application/zip" class="vh" aria-label="Choose a zip file" onChange={(e) => choose(e.currentTarget)} />
      <input ref={folder} type="file" class="vh" aria-label="Choose a folder" onChange={(e) => choose(e.currentTarget)} />
      <div class="row"><button type="button" class="btn" disabled={busy} onClick={() => zip.current?.click()}><Icon name="upload" />Zip file</button><button type="button" class="btn" disabled={busy} onClick={() => folder.current?.click()}><Icon name="projects" />Folder</button>{files ? <span class="muted">{count(images, "image")} found</span> : null}</div>
      {error ? <div class="alert" role="alert">{error.message}</div> : null}
      {files && !progress ? <>
        <Text label="Name" value={name} set={setName} required />
        <Select label="Workspace" value={workspace || (workspaces[0]?.id ?? 0)} set={setWorkspace} options={workspaces.map((w) => ({ value: w.id, text: w.name }))} />
      </> : null}
      {progress ? <Transfer p={progress} verb="imported" /> : null}
    </Dialog>
  );
}
