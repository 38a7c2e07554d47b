// What the whole UI shares: who is signed in, the team, the theme, live updates, cached answers.
import { computed, effect, signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, call } from "./api";
import { drawing, follow, listen } from "./live";
import type { Me, News, Session } from "./types";

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

// ---- live updates ----

effect(() => follow(session.value?.user ? (team.value?.id ?? 0) : 0));

export type About = (n: News) => boolean;
const usual: About = (n) => !drawing(n);

// ---- data of a screen: what was known at once, then what is true now, then whenever it changes ----

const cache = new Map<string, unknown>();

export interface Data<T> {
  data: T | undefined;
  error: ApiError | Error | undefined;
  reload: () => void;
}

// about: which news make it ask again; by default all but what is drawn.
export function useData<T>(key: string, fetcher: (() => Promise<T>) | null, about: About = usual): Data<T> {
  const [, redraw] = useState(0);
  const state = useRef<{ key: string; error?: ApiError | Error | undefined }>({ key });
  if (state.current.key !== key) state.current = { key };
  const latest = useRef({ fetcher, about });
  latest.current = { fetcher, about };
  const reload = useRef(() => {});
  useEffect(() => {
    let gone = false;
    let running = false;
    let again = false;
    const run = async () => {
      const ask = latest.current.fetcher;
      if (running || !ask) {
        again = running;
        return;
      }
      running = true;
      try {
        const answer = await ask();
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
      }
      running = false;
      if (again && !gone) {
        again = false;
        setTimeout(run, AGAIN_MS);
      }
    };
    reload.current = run;
    void run();
    const forgetMe = listen((news) => {
      if (!news || news.some((n) => latest.current.about(n))) void run();
    });
    return () => {
      gone = true;
      forgetMe();
    };
  }, [key, fetcher === null]);
  return { data: cache.get(key) as T | undefined, error: state.current.error, reload: () => reload.current() };
}
const AGAIN_MS = 300; // between two answers, however much happens

export function useLive(run: (news: News[] | null) => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => listen((news) => latest.current(news)), []);
}

export function forget(): void {
  cache.clear();
}
