// The sheet of keys: what they do, and how to change them.
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../kit";
import { type Action, changed, chordOf, FIXED, GROUPS, keysOf, keyText, rebind, reset } from "./keys";

export function KeyList() {
  const [asking, setAsking] = useState("");
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!asking) return;
    const down = (e: KeyboardEvent) => {
      if (["Shift", "Control", "Alt", "Meta"].includes(e.key)) return;
      e.preventDefault();
      e.stopPropagation();
      const chord = chordOf(e);
      const has = chord === "Escape" && asking !== "cancel" ? "" : rebind(asking, chord);
      setProblem(has ? `${keyText(chord)} is taken by: ${has}` : "");
      setAsking("");
    };
    addEventListener("keydown", down, true);
    return () => removeEventListener("keydown", down, true);
  }, [asking]);
  const row = (a: Action) => (
    <div key={a.id}>
      <span>{a.title}</span>
      <button type="button" class="keybtn" title="Change this key" onClick={() => { setProblem(""); setAsking(a.id); }}>
        {asking === a.id ? <em>press a key…</em> : keysOf(a).map((k) => <kbd key={k}>{keyText(k)}</kbd>)}<span class="vh"> change the key of: {a.title}</span>
      </button>
    </div>
  );
  return (
    <>
      <div class="row" style={{ minHeight: 30 }}>
        <span class="muted">Click a key to change it. Digits pick classes.</span><span class="grow" />
        {problem ? <span class="wrongtext" role="alert">{problem}</span> : null}
        {changed() ? <button type="button" class="btn s" onClick={() => { reset(); setProblem(""); }}>Reset all keys</button> : null}
      </div>
      <div class="keys">
        {GROUPS.map((g) => <section key={g.name} aria-label={g.name}><h3>{g.name}</h3>{g.actions.map(row)}</section>)}
        <section aria-label="With the mouse"><h3>With the mouse</h3>{FIXED.map(([what, how]) => <div key={what}><span>{what}</span><kbd>{how}</kbd></div>)}</section>
      </div>
    </>
  );
}

export const KeySheet = ({ close }: { close: () => void }) => <Dialog title="Keys" wide close={close}><KeyList /></Dialog>;
