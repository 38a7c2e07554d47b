// Time on task: active time only. A pause of up to five minutes between two signs of life counts
// whole, a longer one not at all; nor does a window that is not looked at.
import { signal } from "@preact/signals";

export const IDLE_MS = 5 * 60 * 1000;

export class Clock {
  readonly seconds = signal(0); // of this visit
  private last = performance.now();
  private total = 0; // ms
  private taken = 0;
  private readonly timer: number;

  constructor() {
    for (const e of ["pointermove", "pointerdown", "keydown", "wheel"]) addEventListener(e, this.active, { passive: true });
    document.addEventListener("visibilitychange", this.seen);
    this.timer = window.setInterval(() => {
      if (!document.hidden && performance.now() - this.last < IDLE_MS) this.seconds.value = Math.floor((this.total + performance.now() - this.last) / 1000);
    }, 1000);
  }
  close(): void {
    for (const e of ["pointermove", "pointerdown", "keydown", "wheel"]) removeEventListener(e, this.active);
    document.removeEventListener("visibilitychange", this.seen);
    clearInterval(this.timer);
  }
  private active = (): void => {
    const now = performance.now();
    const pause = now - this.last;
    if (pause <= IDLE_MS) this.total += pause;
    this.last = now;
  };
  private seen = (): void => {
    if (document.hidden) this.active();
    else this.last = performance.now();
  };
  waiting(): number {
    this.active();
    return (this.total - this.taken) / 1000;
  }
  // Whole seconds since they were taken last.
  take(): number {
    this.active();
    const s = Math.floor((this.total - this.taken) / 1000);
    this.taken += s * 1000;
    return s;
  }
}

export const clockText = (s: number): string => `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
