// The template of a keypoint class: nodes and the lines between them, drawn on a small board.
import { useRef, useState } from "preact/hooks";
import { Icon } from "../kit";
import type { KeypointTemplate } from "../types";

const SIZE = 320;
type Nodes = KeypointTemplate["nodes"];

const fresh = (nodes: Nodes): string => {
  for (let n = Object.keys(nodes).length + 1; ; n++) if (!nodes[String(n)]) return String(n);
};

export function TemplateEditor({ value, set, color }: { value: KeypointTemplate; set: (v: KeypointTemplate) => void; color: string }) {
  const board = useRef<SVGSVGElement>(null);
  const [from, setFrom] = useState(""); // the node a line starts at
  const [drag, setDrag] = useState("");
  const { nodes, edges } = value;
  const at = (e: PointerEvent): [number, number] => {
    const r = board.current?.getBoundingClientRect();
    const clamp = (v: number) => Math.max(0, Math.min(SIZE, Math.round(v)));
    return r ? [clamp(((e.clientX - r.left) / r.width) * SIZE), clamp(((e.clientY - r.top) / r.height) * SIZE)] : [0, 0];
  };
  const add = (loc: [number, number]) => {
    const id = fresh(nodes);
    const line = from ? [{ src: from, dst: id, color }] : [];
    set({ nodes: { ...nodes, [id]: { label: `point ${id}`, loc, color } }, edges: [...edges, ...line] });
    setFrom(id);
  };
  const join = (id: string) => {
    const there = edges.findIndex((e) => (e.src === from && e.dst === id) || (e.src === id && e.dst === from));
    if (from && from !== id) set({ nodes, edges: there < 0 ? [...edges, { src: from, dst: id, color }] : edges.filter((_, i) => i !== there) });
    setFrom(from === id ? "" : id);
  };
  const remove = (id: string) => {
    const { [id]: _gone, ...rest } = nodes;
    set({ nodes: rest, edges: edges.filter((e) => e.src !== id && e.dst !== id) });
    if (from === id) setFrom("");
  };
  return (
    <div class="template">
      <svg ref={board} viewBox={`0 0 ${SIZE} ${SIZE}`} role="group" aria-label="Board for the template"
        onPointerDown={(e) => { if (e.target === board.current) add(at(e)); }}
        onPointerMove={(e) => { const n = nodes[drag]; if (n) set({ nodes: { ...nodes, [drag]: { ...n, loc: at(e) } }, edges }); }}
        onPointerUp={() => setDrag("")} onPointerLeave={() => setDrag("")}>
        {edges.map((e) => {
          const [a, b] = [nodes[e.src]?.loc, nodes[e.dst]?.loc];
          return a && b ? <line key={`${e.src}-${e.dst}`} x1={a[0]} y1={a[1]} x2={b[0]} y2={b[1]} stroke={color} stroke-width="2" /> : null;
        })}
        {Object.entries(nodes).map(([id, n]) => (
          <g key={id}>
            <circle cx={n.loc[0]} cy={n.loc[1]} r={from === id ? 8 : 6} fill={n.color ?? color} stroke={from === id ? "var(--text)" : "#fff"} stroke-width="2" style={{ cursor: "grab" }}
              onPointerDown={() => setDrag(id)} onClick={() => join(id)} />
            <text x={n.loc[0] + 10} y={n.loc[1] + 4} class="nodetext">{n.label}</text>
          </g>
        ))}
        {Object.keys(nodes).length ? null : <text x={SIZE / 2} y={SIZE / 2} text-anchor="middle" class="nodetext">Click to place points</text>}
      </svg>
      <div class="nodes">
        <span class="hint">{from ? `The next point is joined to ${nodes[from]?.label ?? from}. Click it again to stop.` : "Click the board for a point; click two points to join or part them; drag to move."}</span>
        {Object.entries(nodes).map(([id, n]) => (
          <span class="row" key={id}>
            <input type="color" aria-label={`Colour of ${n.label ?? id}`} value={(n.color ?? color).toLowerCase()} onInput={(e) => set({ nodes: { ...nodes, [id]: { ...n, color: e.currentTarget.value.toUpperCase() } }, edges })} />
            <input aria-label={`Name of point ${id}`} value={n.label ?? ""} onInput={(e) => set({ nodes: { ...nodes, [id]: { ...n, label: e.currentTarget.value } }, edges })} />
            <button type="button" class="btn g icon s" aria-label={`Join from ${n.label ?? id}`} aria-pressed={from === id} title="Join" onClick={() => join(id)}><Icon name="more" /></button>
            <button type="button" class="btn g icon s" aria-label={`Remove ${n.label ?? id}`} title="Remove" onClick={() => remove(id)}><Icon name="close" /></button>
          </span>
        ))}
        <button type="button" class="btn s" onClick={() => add([40 + ((Object.keys(nodes).length * 60) % 240), 60 + Math.floor(Object.keys(nodes).length / 4) * 60])}><Icon name="plus" />Add a point</button>
      </div>
    </div>
  );
}
