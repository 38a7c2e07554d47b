// Webhooks: addresses that are told when jobs and queues are completed, and what became of it.
import { useEffect, useState } from "preact/hooks";
import { all, type ApiError, call } from "../api";
import { Check, Confirm, copy, count, Dialog, Empty, Failed, Icon, Id, Menu, type Question, Select, Skeleton, Text, Time } from "../kit";
import { attempt, team, useData } from "../state";
import type { Delivery, List, Webhook } from "../types";

const ACTIONS = ["labeling_job.completed", "labeling_queue.job.completed", "labeling_queue.completed"].map((value) => ({ value, text: value }));
const STATES = { pending: "st-pending", delivered: "st-completed", failed: "st-stopped", cancelled: "st-pending" };

export function Webhooks() {
  const id = team.value?.id ?? 0;
  const { data, error, reload } = useData(`webhooks ${id}`, () => all<Webhook>("webhooks.list", { teamId: id }));
  const log = useData(`deliveries ${id}`, () => call<List<Delivery>>("webhooks.deliveries.list", { teamId: id, per_page: 100, sort: "id", sort_order: "desc" }));
  const [edit, setEdit] = useState<Webhook | "new" | null>(null);
  const [secret, setSecret] = useState<Webhook | null>(null);
  const [body, setBody] = useState<Delivery | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  useEffect(() => { document.title = "Webhooks · labeld"; }, []);
  const soon = () => { log.reload(); setTimeout(log.reload, 1500); };
  return (
    <main id="main">
      <div class="pagehead"><h1>Webhooks</h1><span class="muted">{data ? count(data.length, "webhook") : ""}</span><span class="grow" /><button type="button" class="btn p" onClick={() => setEdit("new")}><Icon name="plus" />New webhook</button></div>
      {data ? data.length ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Webhooks">
          <table class="t">
            <thead><tr><th scope="col">Id</th><th scope="col">Event</th><th scope="col">Address</th><th scope="col">Again</th><th scope="col">Created</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
            <tbody>{data.map((w) => (
              <tr key={w.id}>
                <td><Id value={w.id} what="webhook" /></td><td><code>{w.action}</code></td><td style={{ maxWidth: 360 }}><span class="cut" style={{ display: "block" }} title={w.url}>{w.url}</span></td>
                <td>{w.meta.retriesCount ? `${w.meta.retriesCount} times, after ${w.meta.retriesDelay ?? 0} s` : "never"}</td><td><Time value={w.createdAt} /></td>
                <td class="n"><span class="row" style={{ justifyContent: "flex-end" }}>
                  <button type="button" class="btn s" onClick={() => attempt(() => call("webhooks.test", { teamId: id, id: w.id }, { operation: crypto.randomUUID() }), "A test event is on its way").then(soon)}>Test<span class="vh"> webhook {w.id}</span></button>
                  <Menu right icon name={`More for webhook ${w.id}`} label={<Icon name="more" />}>
                    <button type="button" onClick={() => setEdit(w)}><Icon name="edit" />Edit…</button>
                    <button type="button" onClick={async () => { await attempt(async () => setSecret(await call<Webhook>("webhooks.info", { id: w.id }))); }}><Icon name="key" />Signing key…</button>
                    <button type="button" onClick={() => setQuestion({ title: "Remove this webhook?", yes: "Remove webhook", danger: true, text: "What has not been sent yet is cancelled.", run: () => attempt(() => call("webhooks.bulk.remove", { ids: [w.id] }), "Removed").then(reload) })}><Icon name="trash" />Remove…</button>
                  </Menu>
                </span></td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      ) : <Empty icon="hook" title="No webhooks yet"><p>A webhook is an address that labeld calls when a job or a queue is completed, with a signed message.</p><button type="button" class="btn p" onClick={() => setEdit("new")}>New webhook</button></Empty>
        : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
      {log.data?.entities.length ? (
        <>
          <h2 class="over">What was sent in the last 30 days</h2>
          <div class="scroller" tabIndex={0} role="region" aria-label="Deliveries">
            <table class="t">
              <thead><tr><th scope="col">When</th><th scope="col">Webhook</th><th scope="col">Event</th><th scope="col">State</th><th scope="col">Answer</th><th scope="col" class="n">Attempts</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
              <tbody>{log.data.entities.map((d) => (
                <tr key={d.id}>
                  <td><Time value={d.createdAt} /></td><td>{d.webhookId}</td><td><code>{d.event}</code>{d.test ? <small>test</small> : null}</td><td><span class={`chip ${STATES[d.state]}`}>{d.state}</span></td>
                  <td>{d.status ?? ""} {d.error ?? ""}{d.nextAt && d.state === "pending" ? <small>again <Time value={d.nextAt} /></small> : d.triedAt ? <small>{d.durationMs} ms</small> : null}</td><td class="n">{d.attempts}</td>
                  <td class="n"><span class="row" style={{ justifyContent: "flex-end" }}><button type="button" class="btn s" onClick={() => setBody(d)}>Body<span class="vh"> of {d.id}</span></button><button type="button" class="btn s" onClick={() => attempt(() => call("webhooks.deliveries.redeliver", { id: d.id }, { operation: crypto.randomUUID() }), "It is sent again").then(soon)}>Send again<span class="vh"> {d.id}</span></button></span></td>
                </tr>
              ))}</tbody>
            </table>
          </div>
        </>
      ) : null}
      {edit ? <Edit hook={edit === "new" ? undefined : edit} close={() => setEdit(null)} done={reload} /> : null}
      {secret ? <Dialog title="Signing key" close={() => setSecret(null)} foot={<button type="button" class="btn p" onClick={() => copy(secret.secret ?? "", "the key")}><Icon name="copy" />Copy key</button>}><p>Receivers check <code>X-Labeld-Signature</code> with it.</p><div class="note"><code style={{ overflowWrap: "anywhere" }}>{secret.secret}</code></div></Dialog> : null}
      {body ? <Dialog title={`Delivery ${body.id}`} mid close={() => setBody(null)}><pre class="code" tabIndex={0}>{JSON.stringify(body.body, null, 2)}</pre></Dialog> : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}

function Edit({ hook, close, done }: { hook: Webhook | undefined; close: () => void; done: () => void }) {
  const [f, setF] = useState({ url: hook?.url ?? "", action: hook?.action ?? ACTIONS[0]?.value ?? "", count: String(hook?.meta.retriesCount ?? 3), delay: String(hook?.meta.retriesDelay ?? 10), follow: hook?.meta.followRedirect ?? true, strict: hook?.meta.rejectUnauthorized ?? true });
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    const body = { url: f.url, action: f.action, meta: { retriesCount: Number(f.count), retriesDelay: Number(f.delay), followRedirect: f.follow, rejectUnauthorized: f.strict } };
    try {
      if (hook) await call("webhooks.update", { id: hook.id, ...body });
      else await call("webhooks.add", { teamId: team.value?.id, ...body }, { operation: crypto.randomUUID() });
      done();
      close();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  const wrong = (field: string) => (error?.field === field ? error.message : undefined);
  return (
    <Dialog title={hook ? "Edit webhook" : "New webhook"} close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p">Save webhook</button></>}>
      {error && !["url", "action"].includes(error.field ?? "") ? <div class="alert" role="alert">{error.message}</div> : null}
      <Text label="Address" type="url" value={f.url} set={(url) => setF({ ...f, url })} required autoFocus placeholder="https://" wrong={wrong("url")} hint="It must be public, unless the server's settings say otherwise" />
      <Select label="Event" value={f.action} set={(action) => setF({ ...f, action })} options={ACTIONS} wrong={wrong("action")} />
      <div class="cols"><Text label="Try again" type="number" min={0} max={20} value={f.count} set={(v) => setF({ ...f, count: v })} hint="times" /><Text label="After" type="number" min={0} value={f.delay} set={(v) => setF({ ...f, delay: v })} hint="seconds" /></div>
      <Check label="Follow redirects" value={f.follow} set={(follow) => setF({ ...f, follow })} />
      <Check label="Refuse certificates that are not valid" value={f.strict} set={(strict) => setF({ ...f, strict })} />
    </Dialog>
  );
}
