// Members of the team, accounts of the server, and one's own account with its API token.
import { useEffect, useState } from "preact/hooks";
import { all, type ApiError, call, renewToken } from "../api";
import { Check, Confirm, copy, count, Dialog, Failed, Icon, Id, Menu, Person, type Question, Select, Skeleton, Text, Time } from "../kit";
import { attempt, can, me, session, team, toast, useData } from "../state";
import { KeyList } from "../tool/keysheet";
import type { Member } from "../types";

interface Role { id: number; role: string }
const ROLE_TEXT: Record<string, string> = {
  admin: "everything in the team", developer: "everything but inviting", manager: "projects, jobs, activity", reviewer: "creates jobs and reviews",
  annotator: "labels the jobs given to them", viewer: "looks, changes nothing",
};

const useRoles = () => (useData("roles", () => all<Role>("roles.list", {})).data ?? []).map((r) => ({ value: r.id, text: `${r.role} — ${ROLE_TEXT[r.role] ?? ""}` }));

export function Members() {
  const id = team.value?.id ?? 0;
  const roles = useRoles();
  const [adding, setAdding] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const { data, error, reload } = useData(`members ${id}`, () => all<Member>("members.list", { teamId: id }));
  useEffect(() => { document.title = "Members · labeld"; }, []);
  const isAdmin = !!session.value?.user?.isAdmin;
  return (
    <main id="main">
      <div class="pagehead">
        <h1>Members</h1><span class="muted">{data ? count(data.length, "person", "people") : ""} · team <Id value={id} what="team" /></span><span class="grow" />
        {can.members.value ? <button type="button" class="btn p" onClick={() => setAdding(true)}><Icon name="plus" />Add member</button> : null}
      </div>
      {data ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Members">
        <table class="t">
          <thead><tr><th scope="col">Login</th><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Account</th><th scope="col">Last login</th><th scope="col">Id</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
          <tbody>
            {data.map((m) => (
              <tr key={m.id}>
                <td><Person login={m.login} /></td><td>{m.name}</td>
                <td style={{ width: 220 }}>{can.members.value && m.id !== me.value?.id ? (
                  <select aria-label={`Role of ${m.login}`} value={m.roleId} onChange={(e) => attempt(() => call("members.editInfo", { teamId: id, id: m.id, roleId: Number(e.currentTarget.value) }), `${m.login} has another role`).then(reload)}>
                    {roles.map((r) => <option key={r.value} value={r.value}>{r.text.split(" — ")[0]}</option>)}
                  </select>
                ) : m.role}</td>
                <td>{m.disabled ? <span class="chip st-stopped">disabled</span> : m.isRestricted ? <span class="chip st-pending">restricted</span> : <span class="chip st-completed">active</span>}</td>
                <td><Time value={m.lastLogin} /></td><td><Id value={m.id} what="user" /></td>
                <td class="n">{(can.members.value || isAdmin) && m.id !== me.value?.id ? (
                  <Menu right icon name={`Actions for ${m.login}`} label={<Icon name="more" />}>
                    {isAdmin ? <button type="button" onClick={() => attempt(() => call("users.disable", { id: m.id, disable: !m.disabled }), m.disabled ? "Enabled" : "Disabled").then(reload)}>{m.disabled ? "Enable account" : "Disable account"}</button> : null}
                    {can.members.value ? <button type="button" onClick={() => setQuestion({ title: `Take ${m.login} out of the team?`, yes: "Take out", danger: true, text: "What they labeled stays.", run: () => attempt(() => call("members.remove", { teamId: id, id: m.id }), `${m.login} has left the team`).then(reload) })}>Take out of the team…</button> : null}
                  </Menu>
                ) : null}</td>
              </tr>
            ))}
          </tbody>
        </table>
        </div>
      ) : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
      {adding ? <AddMember close={() => setAdding(false)} done={reload} roles={roles} /> : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}

function AddMember(p: { close: () => void; done: () => void; roles: { value: number; text: string }[] }) {
  const [isNew, setNew] = useState(false);
  const [f, setF] = useState({ login: "", password: "", name: "", restricted: true, roleId: 3 });
  const [error, setError] = useState<ApiError | null>(null);
  const admin = !!session.value?.user?.isAdmin;
  const submit = async () => {
    try {
      if (isNew) await call("users.add", { login: f.login, password: f.password, name: f.name, email: "", isRestricted: f.restricted }, { operation: crypto.randomUUID() });
      await call("members.add", { teamId: team.value?.id, login: f.login, roleId: f.roleId });
      p.done();
      p.close();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  const wrong = (field: string) => (error?.field === field ? error.message : undefined);
  return (
    <Dialog title="Add a member" close={p.close} submit={submit} foot={<><button type="button" class="btn" onClick={p.close}>Cancel</button><button type="submit" class="btn p">Add member</button></>}>
      {error && !["login", "password", "name", "roleId"].includes(error.field ?? "") ? <div class="alert" role="alert">{error.message}</div> : null}
      {admin ? <span class="seg" role="group" aria-label="Account"><button type="button" aria-pressed={!isNew} onClick={() => setNew(false)}>Has an account</button><button type="button" aria-pressed={isNew} onClick={() => setNew(true)}>New account</button></span> : null}
      <Text label="Login" value={f.login} set={(login) => setF({ ...f, login })} required autoFocus wrong={wrong("login")} />
      {isNew ? (
        <>
          <Text label="Password" type="password" value={f.password} set={(password) => setF({ ...f, password })} required autoComplete="new-password" wrong={wrong("password")} hint="8 characters or more" />
          <Text label="Name" value={f.name} set={(name) => setF({ ...f, name })} wrong={wrong("name")} />
          <Check label="Restricted: no team of their own, only the jobs given to them" value={f.restricted} set={(restricted) => setF({ ...f, restricted })} />
        </>
      ) : null}
      <Select label="Role in this team" value={f.roleId} set={(roleId) => setF({ ...f, roleId })} options={p.roles} wrong={wrong("roleId")} />
    </Dialog>
  );
}

export function Users() {
  const { data, error, reload } = useData("users", () => all<Member>("users.list", {}));
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<Member | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  useEffect(() => { document.title = "Users · labeld"; }, []);
  return (
    <main id="main">
      <div class="pagehead"><h1>Users</h1><span class="muted">{data ? count(data.length, "account") : ""} on this server</span><span class="grow" /><button type="button" class="btn p" onClick={() => setAdding(true)}><Icon name="plus" />New account</button></div>
      {data ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Users">
        <table class="t">
          <thead><tr><th scope="col">Login</th><th scope="col">Name</th><th scope="col">Account</th><th scope="col">Created</th><th scope="col">Last login</th><th scope="col">Id</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
          <tbody>{data.map((u) => (
            <tr key={u.id}>
              <td><Person login={u.login} /></td><td>{u.name}</td>
              <td>{u.disabled ? <span class="chip st-stopped">disabled</span> : u.role === "admin" ? <span class="chip st-completed">administrator</span> : u.isRestricted ? <span class="chip st-pending">restricted</span> : <span class="chip st-in_progress">active</span>}</td>
              <td><Time value={u.createdAt} /></td><td><Time value={u.lastLogin} /></td><td><Id value={u.id} what="user" /></td>
              <td class="n"><span class="row" style={{ justifyContent: "flex-end" }}>
                <button type="button" class="btn s" onClick={() => setEditing(u)}>Edit<span class="vh"> {u.login}</span></button>
                {u.id !== me.value?.id ? <button type="button" class={`btn s${u.disabled ? "" : " d"}`} onClick={() => (u.disabled ? attempt(() => call("users.disable", { id: u.id, disable: false }), "Enabled").then(reload) : setQuestion({ title: `Disable ${u.login}?`, yes: "Disable account", danger: true, text: "They are signed out everywhere and their tokens stop working. What they labeled stays.", run: () => attempt(() => call("users.disable", { id: u.id, disable: true }), "Disabled").then(reload) }))}>{u.disabled ? "Enable" : "Disable"}<span class="vh"> {u.login}</span></button> : null}
              </span></td>
            </tr>
          ))}</tbody>
        </table>
        </div>
      ) : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
      {adding ? <NewUser close={() => setAdding(false)} done={reload} /> : null}
      {editing ? <EditUser user={editing} close={() => setEditing(null)} done={reload} /> : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}

function NewUser({ close, done }: { close: () => void; done: () => void }) {
  const [f, setF] = useState({ login: "", password: "", name: "", restricted: false });
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    try {
      await call("users.add", { login: f.login, password: f.password, name: f.name, email: "", isRestricted: f.restricted }, { operation: crypto.randomUUID() });
      done();
      close();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  const wrong = (field: string) => (error?.field === field ? error.message : undefined);
  return (
    <Dialog title="New account" close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p">Create account</button></>}>
      <Text label="Login" value={f.login} set={(login) => setF({ ...f, login })} required autoFocus wrong={wrong("login")} />
      <Text label="Password" type="password" value={f.password} set={(password) => setF({ ...f, password })} required autoComplete="new-password" wrong={wrong("password")} hint="8 characters or more" />
      <Text label="Name" value={f.name} set={(name) => setF({ ...f, name })} wrong={wrong("name")} />
      <Check label="Restricted: no team of their own" value={f.restricted} set={(restricted) => setF({ ...f, restricted })} />
    </Dialog>
  );
}

// Another name, or another password for somebody who has forgotten theirs.
function EditUser({ user, close, done }: { user: Member; close: () => void; done: () => void }) {
  const [name, setName] = useState(user.name);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    try {
      await call("users.editInfo", { id: user.id, name, ...(password ? { password } : {}) });
      toast(password ? `${user.login} signs in with the new password from now on` : "Saved");
      done();
      close();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  return (
    <Dialog title={`Account of ${user.login}`} close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p">Save account</button></>}>
      <Text label="Name" value={name} set={setName} autoFocus wrong={error?.field === "name" ? error.message : undefined} />
      <Text label="New password" type="password" value={password} set={setPassword} autoComplete="new-password" hint="Leave empty to keep it" wrong={error && error.field !== "name" ? error.message : undefined} />
    </Dialog>
  );
}

export function Account() {
  const [token, setToken] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const [password, setPassword] = useState("");
  const [name, setName] = useState(me.value?.name ?? "");
  useEffect(() => { document.title = "Account · labeld"; }, []);
  const id = me.value?.id ?? 0;
  const renew = () => attempt(async () => setToken((await renewToken()).token));
  const script = `import supervisely as sly\napi = sly.Api("${location.origin}", "${token || "YOUR TOKEN"}")\nprint(api.user.get_my_info().login)`;
  return (
    <main id="main">
      <div class="pagehead"><h1>Account</h1><span class="muted">{me.value?.login} · user <Id value={id} what="user" /></span></div>
      <div class="stack" style={{ maxWidth: 940 }}>
        <section class="panel form">
          <h2>API token</h2>
          <p class="muted">Scripts sign in with a token, in the header <code>x-api-key</code>. It is shown once: keep it in a safe place. Making a new one ends the one made here before.</p>
          {token ? (
            <>
              <div class="note"><code style={{ overflowWrap: "anywhere" }} data-testid="token">{token}</code></div>
              <div class="row"><button type="button" class="btn p" onClick={() => copy(token, "the token")}><Icon name="copy" />Copy token</button><span class="muted">You will not see it again.</span></div>
            </>
          ) : <div><button type="button" class="btn p" onClick={() => setQuestion({ title: "Make a new token?", yes: "Make token", text: "Scripts that use the token made on this page before stop working.", run: renew })}><Icon name="key" />Make a new token</button></div>}
          <pre class="code" tabIndex={0}>{script}</pre>
        </section>
        <form class="panel form" onSubmit={async (e) => { e.preventDefault(); if (await attempt(() => call("users.editInfo", { id, name, ...(password ? { password } : {}) }), "Saved")) setPassword(""); }}>
          <h2>Profile</h2>
          <Text label="Name" value={name} set={setName} />
          <Text label="New password" type="password" value={password} set={setPassword} autoComplete="new-password" hint="Leave empty to keep it. A new one signs out your other browsers." />
          <div><button type="submit" class="btn">Save</button></div>
        </form>
        <section class="panel form"><h2>Keys of the labeling tool</h2><KeyList /></section>
      </div>
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}
