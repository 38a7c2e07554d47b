// Signing in, and making the administrator of a new server.
import { useEffect, useState } from "preact/hooks";
import { ApiError, logIn, setUp } from "../api";
import { Logo, Text } from "../kit";
import { explain } from "../state";

interface Form {
  login: string;
  password: string;
}

function Box(p: { title: string; intro: string; button: string; isNew: boolean; send: (f: Form) => Promise<unknown>; done: () => Promise<void> }) {
  const [f, setF] = useState<Form>({ login: "", password: "" });
  const [again, setAgain] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const field = error instanceof ApiError && p.isNew ? error.field : undefined;
  useEffect(() => { document.title = `${p.title} · labeld`; }, []);
  const submit = async (e: Event) => {
    e.preventDefault();
    if (p.isNew && again !== f.password) return setError(new Error("The two passwords differ."));
    setBusy(true);
    try {
      await p.send(f);
      await p.done();
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  return (
    <main class="login">
      <form class="panel" onSubmit={submit}>
        <span class="logo"><Logo />labeld</span>
        <div>
          <h1>{p.title}</h1>
          <p class="muted" style={{ margin: "4px 0 0" }}>{p.intro}</p>
        </div>
        {error && !field ? <div class="alert" role="alert">{explain(error)}</div> : null}
        <Text label="Login" value={f.login} set={(login) => setF({ ...f, login })} autoFocus required autoComplete="username" wrong={field === "login" ? error?.message : undefined} />
        <Text label="Password" type="password" value={f.password} set={(password) => setF({ ...f, password })} required
          autoComplete={p.isNew ? "new-password" : "current-password"} wrong={field === "password" ? error?.message : undefined} hint={p.isNew ? "8 characters or more" : undefined} />
        {p.isNew ? <Text label="Password again" type="password" value={again} set={setAgain} required autoComplete="new-password" /> : null}
        <button class="btn p" type="submit" disabled={busy}>{p.button} <kbd>Enter</kbd></button>
      </form>
    </main>
  );
}

export const Login = ({ done }: { done: () => Promise<void> }) => (
  <Box title="Sign in" intro="Labeling jobs for people and scripts." button="Sign in" isNew={false} send={(f) => logIn(f.login, f.password)} done={done} />
);
export const Setup = ({ done }: { done: () => Promise<void> }) => (
  <Box title="Create the administrator" intro="This server is new. The first account runs it." button="Create and sign in" isNew send={(f) => setUp(f.login, f.password)} done={done} />
);
