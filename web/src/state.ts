// What the whole UI shares: who is signed in, the team, the theme, live updates, cached answers.
import { computed, effect, signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, call } from "./api";
import type { Me, Session } from "./types";

export const session = signal<Session | null>(null);
export const me = signal<Me | null>(null);
export const teamId = signal(Number(localStorage.getItem("team") ?? 0));
export const team = computed(() => me.value?.teams.find((t) => t.id === teamId.value) ?? me.value?.teams[0]);
effect(() => {
  if (team.value) localStorage.setItem("team", String(team.value.id));
});

export const role = computed(() => team.value?.role ?? "annotator");
const managing = ["admin", "developer", "manager"];
export const can = {
  manage: computed(() => managing.includes(role.value) || !!session.value?.user?.isAdmin),
  create: computed(() => [...managing, "reviewer"].includes(role.value)),
  view: computed(() => role.value !== "annotator"),
  members: computed(() => role.value === "admin"),
};

export async function loadMe(): Promise<void> {
  me.value = await call<Me>("users.me");
}

// ---- theme ----

export type Theme = "system" | "light" | "dark";
export const theme = signal<Theme>((localStorage.getItem("theme") as Theme) ?? "system");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => {
  const dark = theme.value === "dark" || (theme.value === "system" && systemDark.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
};
effect(() => {
  localStorage.setItem("theme", theme.value);
  applyTheme();
});
systemDark.addEventListener("change", applyTheme);

// ---- toasts ----

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action?: { label: string; run: () => void } | undefined;
}
export const toasts = signal<Toast[]>([]);
let toastId = 0;
export function toast(text: string, options: { bad?: boolean; action?: Toast["action"] } = {}): void {
  const id = ++toastId;
  toasts.value = [...toasts.value.slice(-3), { id, text, bad: !!options.bad, action: options.action }];
  setTimeout(() => dismiss(id), options.bad ? 10000 : 6000);
}
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id);
}
export const explain = (e: unknown) => (e instanceof ApiError ? e.message : String((e as Error).message ?? e));
export async function attempt(run: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await run();
    if (done) toast(done);
    return true;
  } catch (e) {
    toast(explain(e), { bad: true });
    return false;
  }
}

// ---- live updates: the server's event stream; asking again now and then where there is none ----

const POLL_MS = 4000;
const listeners = new Set<() => void>();
export const live = signal<"stream" | "poll" | "off">("poll");
let source: EventSource | null = null;
let timer = 0;
let soon = 0;

const tell = () => {
  clearTimeout(soon);
  soon = window.setTimeout(() => {
    for (const f of listeners) f();
  }, 150);
};
const poll = () => {
  if (live.value !== "stream" && !document.hidden) tell();
};

effect(() => {
  const id = team.value?.id;
  source?.close();
  clearInterval(timer);
  if (!id) return;
  timer = window.setInterval(poll, POLL_MS);
  source = new EventSource(`/api/events?teamId=${id}`);
  source.onopen = () => {
    live.value = "stream";
    tell();
  };
  source.onmessage = tell;
  source.onerror = () => {
    live.value = "poll"; // the browser tries again by itself, unless there is no such stream
  };
});
document.addEventListener("visibilitychange", poll);

// ---- data of a screen: what was known at once, then what is true now, then whenever it changes ----

const cache = new Map<string, unknown>();

export interface Data<T> {
  data: T | undefined;
  error: ApiError | Error | undefined;
  reload: () => void;
}

export function useData<T>(key: string, fetcher: (() => Promise<T>) | null): Data<T> {
  const [, redraw] = useState(0);
  const state = useRef<{ key: string; error?: ApiError | Error | undefined }>({ key });
  if (state.current.key !== key) state.current = { key };
  const fetch = useRef(fetcher);
  fetch.current = fetcher;
  const reload = useRef(() => {});
  useEffect(() => {
    let gone = false;
    let running = false;
    reload.current = async () => {
      if (running || !fetch.current) return;
      running = true;
      try {
        const answer = await fetch.current();
        const same = cache.has(key) && JSON.stringify(cache.get(key)) === JSON.stringify(answer);
        const failed = state.current.error !== undefined;
        state.current.error = undefined;
        if (!same) cache.set(key, answer); // what has not changed stays the same object
        if (!gone && (failed || !same)) redraw((n) => n + 1);
      } catch (e) {
        if (!gone) {
          state.current.error = e as Error;
          redraw((n) => n + 1);
        }
      } finally {
        running = false;
      }
    };
    reload.current();
    listeners.add(reload.current);
    const mine = reload.current;
    return () => {
      gone = true;
      listeners.delete(mine);
    };
  }, [key]);
  return { data: cache.get(key) as T | undefined, error: state.current.error, reload: () => reload.current() };
}

export function useLive(run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const f = () => latest.current();
    listeners.add(f);
    return () => {
      listeners.delete(f);
    };
  }, []);
}

export function forget(): void {
  cache.clear();
}
