// The parts that screens are made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError, thumbnail } from "./api";
import { live } from "./live";
import { dismiss, toast, toasts } from "./state";
import type { Job } from "./types";

const paths = {
  jobs: "M3 4h10v9H3zM6 4V2.5h4V4M3 8h10",
  work: "M2.5 13.5l2.8-.6L13 5.2 10.8 3 3.1 10.7zM9.3 4.5l2.2 2.2",
  review: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4",
  projects: "M2 4.5V13h12V5.5H8L6.5 4H2z",
  members: "M6 8a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM1.5 13.5c.4-2.6 2.2-4 4.5-4s4.1 1.4 4.5 4M11 3.2a2.5 2.5 0 010 4.6M12 9.8c1.5.5 2.3 1.8 2.5 3.7",
  activity: "M1.5 8h3l2-5 3 10 2-5h3",
  user: "M8 8a3 3 0 100-6 3 3 0 000 6zM2.5 14c.5-3 2.7-4.5 5.5-4.5s5 1.5 5.5 4.5",
  key: "M6.5 9.5a3 3 0 11-.1-.1L14 2M11.5 4.5l2 2",
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.5 3.5L13 4.5",
  down: "M4 6l4 4 4-4",
  left: "M10 3L5 8l5 5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  image: "M2 3h12v10H2zM2 11l3.5-3.5L8 10l2.5-2.5L14 11M6 6h.01",
  upload: "M8 10.5V3M5 6l3-3 3 3M2.5 11v2.5h11V11",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.5 5.5h.01",
  stop: "M4 4h8v8H4z",
  trash: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.5 9h6l.5-9",
  archive: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4",
  lock: "M4 7.5h8V13H4zM5.5 7.5V5a2.5 2.5 0 015 0v2.5",
  play: "M5 3l8 5-8 5z",
  search: "M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.5 10.5L14 14",
  chart: "M2.5 13.5h11M4 11V8M8 11V3M12 11V6",
  queue: "M2.5 3.5h8M2.5 8h8M2.5 12.5h5M13 6v7M11 11l2 2 2-2",
  offline: "M2 6.5C5.5 3.2 10.5 3.2 14 6.5M4.5 9.2c2-1.8 5-1.8 7 0M8 12.5h.01M2.5 2.5l11 11",
  server: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  book: "M3 2.5h7.5a2 2 0 012 2v9H5a2 2 0 01-2-2zM3 11.5a1.5 1.5 0 011.5-1.5h8",
  comment: "M2.5 3h11v8h-6L4.5 13.5V11h-2z",
  collection: "M2.5 6h11v7.5h-11zM4 3.8h8M5.5 1.8h5M5.5 9.5h5",
  hook: "M6 5.5a2.5 2.5 0 113.6 2.2L11 11M8.5 6L6 11M3.5 9a2.5 2.5 0 102.4 3H11a2 2 0 10.5-2",
  download: "M8 3v7.5M5 7.5l3 3 3-3M2.5 11v2.5h11V11",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7l2.3 2.3",
  restart: "M3 8a5 5 0 105-5H4.5M6.5 1l-2 2 2 2",
} as const;
export type IconName = keyof typeof paths;
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="ic" viewBox="0 0 16 16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);
export const Logo = () => (
  <svg class="ic" viewBox="0 0 18 18" aria-hidden="true">
    <path d="M2 6V2h4M12 2h4v4M16 12v4h-4M6 16H2v-4M5 9l3 3 6-8" />
  </svg>
);

export const statusText = (s: string) => s.replace(/_/g, " ");
export const Status = ({ value }: { value: string }) => <span class={`chip st-${value}`}>{statusText(value)}</span>;

export const Person = ({ login }: { login: string | null | undefined }) =>
  login ? (
    <span class="row" style={{ gap: 0 }}>
      <span class="av" aria-hidden="true">{login.slice(0, 1).toUpperCase()}</span>
      <span style={{ overflow: "hidden", textOverflow: "ellipsis" }}>{login}</span>
    </span>
  ) : (
    <span class="muted">—</span>
  );

type Counts = Pick<Job, "imagesCount" | "acceptedImagesCount" | "finishedImagesCount" | "rejectedImagesCount">;
export const Progress = ({ job, text = true }: { job: Counts; text?: boolean }) => {
  const n = job.imagesCount || 1;
  const label = `${job.acceptedImagesCount} accepted, ${job.finishedImagesCount} done, ${job.rejectedImagesCount} rejected of ${job.imagesCount}`;
  const bar = (
    <span class="bar" role="img" aria-label={label} title={label}>
      <i class="a" style={{ width: `${(job.acceptedImagesCount / n) * 100}%` }} />
      <i class="d" style={{ width: `${(job.finishedImagesCount / n) * 100}%` }} />
      <i class="r" style={{ width: `${(job.rejectedImagesCount / n) * 100}%` }} />
    </span>
  );
  return text ? (
    <span class="pg">
      {bar}
      <span>{job.acceptedImagesCount + job.finishedImagesCount} / {job.imagesCount}</span>
    </span>
  ) : bar;
};

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }); // the time of it is in the title
export function ago(iso: string): string {
  const s = (Date.parse(iso) - Date.now()) / 1000;
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [[60, "second"], [3600, "minute"], [86400, "hour"], [86400 * 14, "day"]];
  let unit = 1;
  for (const [limit, name] of steps) {
    if (Math.abs(s) < limit) return name === "second" ? "just now" : relative.format(Math.round(s / unit), name);
    unit = limit === 86400 * 14 ? unit : limit;
  }
  return absolute.format(new Date(iso));
}
export const Time = ({ value }: { value: string | null | undefined }) =>
  value ? <time dateTime={value} title={value}>{ago(value)}</time> : <span class="muted">—</span>;
export const bytes = (n: number) => {
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (n < 1000 || unit === "GB") return `${n < 10 && unit !== "B" ? n.toFixed(1) : Math.round(n)} ${unit}`;
    n /= 1000;
  }
  return "";
};
const names = new Intl.Collator(undefined, { numeric: true });
export const byName = (a: { name: string }, b: { name: string }) => names.compare(a.name, b.name); // as the tool shows images
export const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString()} ${n === 1 ? one : many}`;

export const Id = ({ value, what }: { value: number; what: string }) => (
  <button
    type="button"
    class="id"
    title={`Copy the ${what} id`}
    aria-label={`Copy the ${what} id ${value}`}
    onClick={(e) => {
      e.preventDefault();
      void navigator.clipboard?.writeText(String(value));
      toast(`Copied the ${what} id ${value}`);
    }}
  >
    {value}
  </button>
);

export function Field(props: {
  label: string;
  hint?: ComponentChildren;
  wrong?: string | undefined;
  children: (a: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ComponentChildren;
}) {
  const id = useId();
  const a: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean } = { id };
  if (props.hint || props.wrong) a["aria-describedby"] = `${id}-d`;
  if (props.wrong) a["aria-invalid"] = true;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(a)}
      {props.wrong ? <span class="wrong" id={`${id}-d`} role="alert">{props.wrong}</span> : props.hint ? <span class="hint" id={`${id}-d`}>{props.hint}</span> : null}
    </div>
  );
}

type InputProps = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "value" | "onInput" | "label">;
export const Text = (
  p: { label: string; value: string; set: (v: string) => void; hint?: ComponentChildren; wrong?: string | undefined } & InputProps,
) => {
  const { label, value, set, hint, wrong, ...rest } = p;
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(a) => <input {...rest} {...a} value={value} onInput={(e) => set(e.currentTarget.value)} />}
    </Field>
  );
};
export const Check = (p: { label: ComponentChildren; value: boolean; set: (v: boolean) => void; disabled?: boolean }) => (
  <label class="check">
    <input type="checkbox" checked={p.value} disabled={p.disabled ?? false} onChange={(e) => p.set(e.currentTarget.checked)} />
    <span>{p.label}</span>
  </label>
);
export function Select<T extends string | number>(p: {
  label: string;
  value: T;
  set: (v: T) => void;
  options: { value: T; text: string }[];
  hint?: string;
  wrong?: string | undefined;
}) {
  return (
    <Field label={p.label} hint={p.hint} wrong={p.wrong}>
      {(a) => (
        <select
          {...a}
          value={String(p.value)}
          onChange={(e) => {
            const option = p.options.find((o) => String(o.value) === e.currentTarget.value);
            if (option) p.set(option.value);
          }}
        >
          {p.options.map((o) => <option key={o.value} value={String(o.value)}>{o.text}</option>)}
        </select>
      )}
    </Field>
  );
}

export function Dialog(p: { title: string; close: () => void; wide?: boolean; mid?: boolean; children: ComponentChildren; foot?: ComponentChildren; submit?: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const d = ref.current;
    d?.showModal();
    if (!d?.querySelector("[autofocus]")) (d?.querySelector<HTMLElement>(".body :is(input, select, textarea)") ?? d?.querySelector<HTMLElement>(".foot button"))?.focus();
  }, []);
  const inside = (
    <>
      <div class="head">
        <h2 id={title}>{p.title}</h2>
        <button type="button" class="btn g icon s" aria-label="Close" onClick={p.close}><Icon name="close" /></button>
      </div>
      <div class="body">{p.children}</div>
      {p.foot ? <div class="foot">{p.foot}</div> : null}
    </>
  );
  return (
    <dialog ref={ref} class={p.wide ? "wide" : p.mid ? "mid" : ""} aria-labelledby={title} onCancel={(e) => { e.preventDefault(); p.close(); }} onKeyDown={(e) => e.stopPropagation()}>
      {p.submit ? <form onSubmit={(e) => { e.preventDefault(); p.submit?.(); }}>{inside}</form> : inside}
    </dialog>
  );
}

export interface Question {
  title: string;
  text: ComponentChildren;
  yes: string;
  danger?: boolean;
  run: () => void | Promise<unknown>;
}
export function Confirm({ q, close }: { q: Question; close: () => void }) {
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      title={q.title}
      close={close}
      submit={async () => {
        setBusy(true);
        await q.run();
        close();
      }}
      foot={
        <>
          <button type="button" class="btn" onClick={close}>Cancel</button>
          <button type="submit" class={`btn ${q.danger ? "d" : "p"}`} autoFocus={!q.danger} disabled={busy}>{q.yes}</button>
        </>
      }
    >
      <div>{q.text}</div>
    </Dialog>
  );
}

export function Menu(p: { label: ComponentChildren; name: string; right?: boolean; icon?: boolean; children: ComponentChildren }) {
  const ref = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (e: Event) => {
      const d = ref.current;
      if (d?.open && (e.type === "keydown" ? (e as KeyboardEvent).key === "Escape" : !d.contains(e.target as Node))) d.open = false;
    };
    document.addEventListener("click", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("click", close);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details ref={ref} class={`menu${p.right ? " right" : ""}`}>
      <summary class={`btn g${p.icon ? " icon" : ""}`} role="button">{p.label}<span class="vh">{p.name}</span></summary>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: closes after whatever was chosen, by key too */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same */}
      <div onClick={() => { if (ref.current) ref.current.open = false; }}>{p.children}</div>
    </details>
  );
}

export const Empty = (p: { icon: IconName; title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <Icon name={p.icon} />
    <h2>{p.title}</h2>
    {p.children}
  </div>
);
// What went wrong, in the words of whoever has to act on it.
export function Failed(p: { error: Error; retry?: () => void }) {
  const status = p.error instanceof ApiError ? p.error.status : -1;
  const hidden = status === 403 || status === 404;
  const title = hidden ? "Not there, or not for you" : status === 0 ? "The server cannot be reached" : "This did not work";
  return (
    <div class="empty" role="alert">
      <Icon name={hidden ? "lock" : status === 0 ? "offline" : "close"} />
      <h2>{title}</h2>
      <p>{status === 0 ? "It is tried again by itself. Nothing you saved is lost." : p.error.message}</p>
      {hidden ? <p class="muted">An administrator of the team can say which, and give you access.</p> : null}
      <span class="row">
        {status >= 0 ? <a class="btn" href="/">Go to the start</a> : null}
        {p.retry ? <button type="button" class="btn" onClick={p.retry}>Try again</button> : null}
      </span>
    </div>
  );
}
export const Skeleton = ({ rows = 6 }: { rows?: number }) => (
  <div aria-busy="true" aria-label="Loading" role="status" style={{ display: "grid", gap: 18, padding: 16 }}>
    {Array.from({ length: rows }, (_, i) => <span key={i} class="skel" style={{ width: `${90 - ((i * 17) % 45)}%` }} />)}
  </div>
);
const LIVE = { stream: ["Live", "What changes is shown as it changes"], poll: ["Every few seconds", "There is no stream of events just now: the page asks again and again"], off: ["Not connected", "What is shown may be old"] } as const;
export const Live = () => {
  const [text, why] = LIVE[live.value];
  return <span class={`live ${live.value}`} title={why}>{text}</span>;
};
export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map((t) => (
      <div key={t.id} class={`toast${t.bad ? " bad" : ""}`}>
        <span class="grow">{t.text}</span>
        {t.action ? <button type="button" class="btn s" onClick={() => { t.action?.run(); dismiss(t.id); }}>{t.action.label}</button> : null}
        <button type="button" class="btn g icon s" aria-label="Dismiss" onClick={() => dismiss(t.id)}><Icon name="close" /></button>
      </div>
    ))}
  </div>
);
export function copy(text: string, what: string): void {
  void navigator.clipboard?.writeText(text);
  toast(`Copied ${what}`);
}

// A picture of an image, fetched when it comes into view: labelers see it by right of their job,
// which a plain <img> cannot say.
export function Picture({ id, name, jobId }: { id: number; name: string; jobId?: number | undefined }) {
  const box = useRef<HTMLSpanElement>(null);
  const [url, setUrl] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    let made = "";
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((s) => s.isIntersecting)) return;
      watch.disconnect();
      thumbnail(id, jobId, stop.signal).then(
        (blob) => {
          made = URL.createObjectURL(blob);
          setUrl(made);
        },
        () => {},
      );
    }, { rootMargin: "200px" });
    if (box.current) watch.observe(box.current);
    return () => {
      stop.abort();
      watch.disconnect();
      if (made) URL.revokeObjectURL(made);
    };
  }, [id, jobId]);
  return <span ref={box} style={{ display: "block", width: "100%", height: "100%" }}>{url ? <img src={url} alt={name} /> : null}</span>;
}
