// Which key means what. Letters by what they write, digits by where they are.
export const KEYS: [string, string][] = [
  ["Next / previous image", "→ ← or F D"], ["Select", "V, Esc"], ["Pan", "hold Space"], ["Zoom", "wheel, + −"], ["Fit the image", "0"], ["The same tool again", "N"],
  ["Finish a shape", "Space, Enter, N"], ["Cancel", "Esc"], ["Rectangle", "R or 5"], ["Polygon", "P or 7"], ["Polyline", "L"], ["Point", "O"], ["Brush", "B or 8"], ["Eraser", "E"], ["Keypoints", "G"],
  ["Erase while brushing", "hold Shift"], ["Brush size", "[ ]"], ["Remove a vertex", "Alt or Shift + click"], ["Add a vertex", "click on an edge"], ["Delete object / last point", "Del, ⌫"],
  ["Copy, paste, duplicate", "Ctrl C, V, D"], ["Copy to the next image", "Ctrl B"], ["Undo", "Ctrl Z"], ["Redo", "Ctrl Shift Z, Ctrl Y"], ["Class", "its key, Shift 1–9"],
  ["Next / previous object", "Tab, Shift Tab"], ["Hide (all)", "H (Shift H)"], ["Lock (all)", "K (Shift K)"], ["Move the object", "Alt arrows"], ["Confirm and go on", "Enter"],
  ["Accept / reject and go on", "A / X"], ["Fix while reviewing", "F2"], ["Guide", "I"], ["Draw by keyboard", "C, then arrows and Space"], ["Submit or finish", "Ctrl Shift Enter"], ["These keys", "?"],
];

const PLAIN: Record<string, string> = {
  ArrowRight: "next", ArrowLeft: "previous", f: "next", d: "previous", v: "tool select", Escape: "cancel", "+": "zoomIn", "=": "zoomIn", "-": "zoomOut", n: "again", Enter: "confirm",
  r: "tool rectangle", p: "tool polygon", l: "tool line", o: "tool point", b: "tool brush", e: "tool eraser", g: "tool graph", "[": "smaller", "]": "larger", Delete: "delete", Backspace: "delete",
  Tab: "nextObject", h: "hide", k: "lock", a: "accept", x: "reject", F2: "fix", i: "guide", c: "cross", "?": "help", F1: "help",
};
const DIGITS: Record<string, string> = { Digit0: "fit", Digit5: "tool rectangle", Digit7: "tool polygon", Digit8: "tool brush" };
const SHIFT: Record<string, string> = { H: "hideAll", K: "lockAll", Tab: "previousObject" };
const CTRL: Record<string, string> = { c: "copy", v: "paste", d: "duplicate", b: "carry", z: "undo", y: "redo" };

export function chord(e: KeyboardEvent): string {
  if (e.ctrlKey || e.metaKey) {
    if (e.shiftKey && e.key.toLowerCase() === "z") return "redo";
    if (e.shiftKey && e.key === "Enter") return "submit";
    return CTRL[e.key.toLowerCase()] ?? "";
  }
  if (e.altKey) return "";
  if (e.shiftKey && /^Digit[1-9]$/.test(e.code)) return `class ${e.code.slice(5)}`;
  if (e.shiftKey && SHIFT[e.key]) return SHIFT[e.key] ?? "";
  return DIGITS[e.code] ?? PLAIN[e.key.length === 1 ? e.key.toLowerCase() : e.key] ?? "";
}
