// Projects of the team.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { bytes, count, Dialog, Empty, Failed, Icon, Picture, Select, Skeleton, Text, Time } from "../kit";
import { can, team, useData } from "../state";
import type { Image, List, Project, Workspace } from "../types";

// The first images of a project or a dataset.
export const Covers = ({ of }: { of: { projectId: number } | { datasetId: number } }) => {
  const images = useData(`covers ${JSON.stringify(of)}`, () => call<List<Image>>("images.list", { ...of, per_page: 3 })).data?.entities ?? [];
  return <span class="cover">{images.length ? images.map((i) => <Picture key={i.id} id={i.id} name="" />) : <Icon name="image" />}</span>;
};

export function Projects() {
  const id = team.value?.id ?? 0;
  const [adding, setAdding] = useState(false);
  const [search, setSearch] = useState("");
  const { data, error, reload } = useData(`projects ${id}`, () => all<Project>("projects.list", { groupId: id }));
  useEffect(() => { document.title = "Projects · labeld"; }, []);
  const shown = data?.filter((p) => p.name.toLowerCase().includes(search.toLowerCase()));
  return (
    <main id="main">
      <div class="pagehead"><h1>Projects</h1><span class="muted">{data ? count(data.length, "project") : ""}</span><span class="grow" />
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
