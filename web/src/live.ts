// What changes on the server, as it changes. One tab reads the stream of the team (browsers allow six
// connections to a server) and tells the others; when it is closed, another goes on where it stopped.
// Where no stream comes through, everything is asked for now and then instead.
import { effect, signal } from "@preact/signals";
import type { News } from "./types";

export const live = signal<"stream" | "poll" | "off">("off");

type Listener = (news: News[] | null) => void; // null: anything may have changed
const listeners = new Set<Listener>();
export function listen(f: Listener): () => void {
  listeners.add(f);
  return () => {
    listeners.delete(f);
  };
}

// Drawing makes most of the news; few screens show it.
const DRAWING = new Set(["create_figure", "update_figure", "disable_figure", "restore_figure", "attach_tag", "detach_tag", "update_tag_value", "annotation_duration", "login"]);
export const drawing = (n: News): boolean => DRAWING.has(n.action);

const POLL_MS = 4000;
const TOGETHER_MS = 120; // news of so long are told at once
const AGAIN_MS = 10000; // when the server has ended the stream for good

let collected: News[] = [];
let soon = 0;
function flush(): void {
  soon = 0;
  const news = collected;
  collected = [];
  for (const f of [...listeners]) f(news);
}
function told(n: News): void {
  last = Math.max(last, n.id);
  collected.push(n);
  if (!soon) soon = window.setTimeout(flush, TOGETHER_MS);
}
// Where something was changed here, and the stream may be slow or not there.
export function everything(): void {
  for (const f of [...listeners]) f(null);
}

let teamId = 0;
let last = 0; // the newest event that was seen
let stop: (() => void) | null = null;

type Message = { news: News } | { state: "stream" | "poll"; last: number };

// Follow a team; 0: nobody is signed in.
export function follow(team: number): void {
  if (team === teamId) return;
  stop?.();
  stop = null;
  teamId = team;
  last = 0;
  live.value = "off";
  if (team) stop = begin(team);
}

function begin(team: number): () => void {
  const channel = new BroadcastChannel(`labeld team ${team}`);
  const ended = new AbortController();
  const set = (state: "stream" | "poll") => {
    const was = live.value;
    live.value = state;
    if (state === "stream" && was !== "stream") everything();
  };
  channel.onmessage = (e: MessageEvent<Message>) => {
    if ("news" in e.data) told(e.data.news);
    else {
      last = Math.max(last, e.data.last);
      set(e.data.state);
    }
  };
  const read = () => readStream(team, ended.signal, (message) => {
    channel.postMessage(message);
    if ("news" in message) told(message.news);
    else set(message.state);
  });
  if (navigator.locks) navigator.locks.request(`labeld team ${team}`, { signal: ended.signal }, read).catch(() => {});
  else void read();
  return () => {
    ended.abort();
    channel.close();
  };
}

// Lasts until the signal: that is how long this tab is the one that reads.
function readStream(team: number, signal: AbortSignal, tell: (m: Message) => void): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | undefined;
    let timer = 0;
    const open = () => {
      source = new EventSource(`/public/api/v3/teams.events?teamId=${team}${last ? `&after=${last}` : ""}`);
      source.addEventListener("ready", (e) => {
        last = Math.max(last, (JSON.parse((e as MessageEvent<string>).data) as { id: number }).id);
        tell({ state: "stream", last });
      });
      source.onmessage = (e: MessageEvent<string>) => {
        if (e.data) tell({ news: JSON.parse(e.data) as News });
      };
      source.addEventListener("end", () => source?.close());
      source.onerror = () => {
        tell({ state: "poll", last });
        if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN_MS);
      };
    };
    open();
    const beat = setInterval(() => tell({ state: source?.readyState === EventSource.OPEN ? "stream" : "poll", last }), POLL_MS); // for tabs that were opened later
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      clearInterval(beat);
      source?.close();
      resolve();
    });
  });
}

setInterval(() => {
  if (live.value === "poll" && !document.hidden) everything();
}, POLL_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && live.value !== "stream" && teamId) everything();
});
effect(() => {
  document.documentElement.dataset.live = live.value;
});
