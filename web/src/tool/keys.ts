// Which key means what. One table; a person may give an action other keys, and one that is taken is
// refused. Letters are read by what they write, digits by where they are, so other layouts work.
import { signal } from "@preact/signals";

export interface Action {
  id: string;
  title: string;
  keys: string[]; // as it comes; people's own are kept beside the table
}
const group = (name: string, actions: [id: string, title: string, ...keys: string[]][]) => ({ name, actions: actions.map(([id, title, ...keys]): Action => ({ id, title, keys })) });

export const GROUPS = [
  group("Images", [
    ["next", "Next image", "ArrowRight", "F"], ["previous", "Previous image", "ArrowLeft", "D"], ["nextLeft", "Next image that is left", "Ctrl+ArrowRight"], ["previousLeft", "Previous image that is left", "Ctrl+ArrowLeft"],
    ["first", "First image", "Home"], ["last", "Last image", "End"], ["confirm", "Confirm and go on", "Enter"], ["unconfirm", "Take the confirmation back", "U"], ["skip", "Skip (queues)", "S"], ["submit", "Submit, or finish the review", "Ctrl+Shift+Enter"],
  ]),
  group("View", [
    ["zoomIn", "Zoom in", "+", "="], ["zoomOut", "Zoom out", "-"], ["fit", "Fit the image", "0"], ["panels", "Hide or show the panels", "\\"], ["guide", "Guide", "I"], ["help", "These keys", "?", "F1"],
  ]),
  group("Tools", [
    ["tool select", "Select", "V"], ["tool rectangle", "Rectangle", "R", "5"], ["tool polygon", "Polygon", "P", "7"], ["tool line", "Polyline", "L"], ["tool point", "Point", "O"], ["tool brush", "Brush", "B", "8"], ["tool eraser", "Eraser", "E"], ["tool graph", "Keypoints", "G"],
    ["again", "The same tool again; finish", "N"], ["cancel", "Cancel", "Escape"], ["smaller", "Smaller brush", "["], ["larger", "Larger brush", "]"], ["cross", "Draw by keyboard: arrows and Space", "C"],
  ]),
  group("Objects", [
    ["nextObject", "Next object", "Tab"], ["previousObject", "Previous object", "Shift+Tab"], ["delete", "Delete; last point off", "Delete", "Backspace"], ["copy", "Copy", "Ctrl+C"], ["paste", "Paste", "Ctrl+V"], ["duplicate", "Duplicate", "Ctrl+D"], ["carry", "Copy to the next image", "Ctrl+B"],
    ["undo", "Undo", "Ctrl+Z"], ["redo", "Redo", "Ctrl+Shift+Z", "Ctrl+Y"], ["hide", "Hide", "H"], ["hideAll", "Hide all", "Shift+H"], ["lock", "Lock", "K"], ["lockAll", "Lock all", "Shift+K"], ["tags", "Tags of the image", "T"],
  ]),
  group("Review", [
    ["accept", "Accept and go on", "A"], ["reject", "Reject, with a comment or without", "X"], ["rejectNow", "Reject at once and go on", "Shift+X"], ["fix", "Fix it here", "F2"], ["before", "Before and after", "Y"], ["nextChange", "Next object that changed", "."], ["previousChange", "Previous object that changed", ","],
  ]),
];
// What cannot be given away: the mouse's helpers, and digits, which pick classes.
export const FIXED: [string, string][] = [
  ["Pan", "hold Space and drag"], ["Zoom at the pointer", "wheel"], ["Opacity", "Shift + wheel"], ["Brush size", "Alt + wheel"], ["Finish a shape", "Space"], ["Erase while brushing", "hold Shift"],
  ["Add a vertex", "click on an edge"], ["Remove a vertex", "Alt or Shift + click"], ["Cut a hole", "Shift + click inside"], ["Keypoint hidden", "Ctrl + click"], ["Move the object", "Alt + arrows"], ["Class", "its key, or 1 to 9"],
];
const taken = new Map([["Space", "panning and finishing"], ["Shift", "erasing"], ["Ctrl+W", "the browser"], ["Ctrl+T", "the browser"], ["Ctrl+N", "the browser"], ["Ctrl+R", "the browser"], ["Ctrl+L", "the browser"]]);

const ACTIONS = GROUPS.flatMap((g) => g.actions);
const STORED = "keys";
const own = signal<Record<string, string[]>>(read());
function read(): Record<string, string[]> {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, string[]>;
  } catch {
    return {};
  }
}
function keep(next: Record<string, string[]>): void {
  own.value = next;
  localStorage.setItem(STORED, JSON.stringify(next));
}

export const keysOf = (a: Action): string[] => own.value[a.id] ?? a.keys;
export const keyOf = (id: string): string => {
  const a = ACTIONS.find((x) => x.id === id);
  return a ? keyText(keysOf(a)[0] ?? "") : "";
};
export const changed = (): boolean => Object.keys(own.value).length > 0;
export const reset = (): void => keep({});

// Who has this key, if anybody but the action.
export function holder(chord: string, id = ""): string | undefined {
  if (/^(Shift\+)?[1-9]$/.test(chord) && !ACTIONS.some((a) => keysOf(a).includes(chord))) return "picking a class";
  return taken.get(chord) ?? ACTIONS.find((a) => a.id !== id && keysOf(a).includes(chord))?.title;
}
// Give the action this key alone. Answers who has it when it is refused.
export function rebind(id: string, chord: string): string | undefined {
  const has = holder(chord, id);
  if (!has) keep({ ...own.value, [id]: [chord] });
  return has;
}

const NAMES: Record<string, string> = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Delete: "Del", Backspace: "⌫", Enter: "Enter" };
export const keyText = (chord: string): string => chord.split(/\+(?=.)/).map((k) => NAMES[k] ?? k).join(" ");

export function chordOf(e: KeyboardEvent): string {
  const letter = /^[a-z]$/i.test(e.key) ? e.key.toUpperCase() : /^Key[A-Z]$/.test(e.code) && !/^[\x20-\x7e]$/.test(e.key) ? e.code.slice(3) : "";
  const digit = /^Digit\d$/.test(e.code) ? e.code.slice(5) : "";
  const symbol = !letter && !digit && e.key.length === 1 && e.key !== " ";
  const name = letter || digit || (e.key === " " ? "Space" : e.key);
  return `${e.ctrlKey || e.metaKey ? "Ctrl+" : ""}${e.altKey ? "Alt+" : ""}${e.shiftKey && !symbol ? "Shift+" : ""}${name}`;
}

// The action of a key; "class 3" for the third class of the job.
export function actionOf(e: KeyboardEvent): string {
  const chord = chordOf(e);
  const found = ACTIONS.find((a) => keysOf(a).includes(chord))?.id;
  const digit = /^(?:Shift\+)?([1-9])$/.exec(chord)?.[1];
  return found ?? (digit ? `class ${digit}` : "");
}
// The key that picks the class at this place of the list.
export const classKey = (i: number): string => (i > 8 ? "" : holder(String(i + 1)) === "picking a class" ? String(i + 1) : `⇧${i + 1}`);
