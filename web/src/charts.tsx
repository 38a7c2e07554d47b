// Charts drawn by the page itself: bars for kinds, columns for days. Every number is also text on the page.
export interface BarRow { name: string; color?: string | undefined; n: number; text?: string; href?: string }

export function Bars({ rows }: { rows: BarRow[] }) {
  const most = Math.max(1, ...rows.map((r) => r.n));
  return (
    <div class="bars" role="list">
      {rows.map((r) => (
        <div class="hbar" key={r.name} role="listitem">
          <span class="row" title={r.name}><i class="sw" style={{ background: r.color ?? "var(--accent)" }} /><span class="cut">{r.name}</span></span>
          <span class="track"><i style={{ width: `${(r.n / most) * 100}%`, background: r.color ?? "var(--accent)" }} /></span>
          <b>{r.text ?? r.n.toLocaleString()}</b>
        </div>
      ))}
    </div>
  );
}

export interface Series { name: string; color: string }
export interface Column { label: string; values: number[] }

const WIDTH = 600;
const HEIGHT = 190;
const LEFT = 40; // for the scale
const BOTTOM = 22; // for the dates
const TOP = 10;

// Where lines of the scale are: about four of them, at round numbers.
function scale(most: number): { top: number; ticks: number[] } {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((f) => f * power >= rough * 0.999) ?? 10);
  const n = Math.max(1, Math.ceil(most / step - 1e-9));
  return { top: n * step, ticks: Array.from({ length: n + 1 }, (_, i) => i * step) };
}
const short = (v: number) => v.toLocaleString(undefined, { maximumFractionDigits: v < 1 ? 2 : 1 });

// Stacked columns, one for each step of time. A table with the same numbers belongs on the page.
export function Columns({ name, series, columns, unit = "" }: { name: string; series: Series[]; columns: Column[]; unit?: string }) {
  const totals = columns.map((c) => c.values.reduce((a, b) => a + b, 0));
  const most = Math.max(0, ...totals);
  const { top, ticks } = scale(most || (unit ? 1 : 4));
  const at = (v: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - v / top);
  const slot = (WIDTH - LEFT) / Math.max(1, columns.length);
  const width = Math.min(34, slot * 0.78);
  const every = Math.ceil(columns.length / 10);
  const peak = columns[totals.indexOf(most)];
  const said = `${name}: ${short(totals.reduce((a, b) => a + b, 0))}${unit} in all${most && peak ? `, the most ${short(most)}${unit}, ${peak.label}` : ""}`;
  return (
    <figure class="columns">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
        {ticks.map((t) => <g key={t}><line x1={LEFT} x2={WIDTH} y1={at(t)} y2={at(t)} /><text x={LEFT - 6} y={at(t) + 4} text-anchor="end">{short(t)}{unit}</text></g>)}
        {columns.map((c, i) => {
          let below = 0;
          const x = LEFT + slot * i;
          return (
            <g key={c.label} class="col">
              <title>{`${c.label}: ${series.map((s, k) => `${short(c.values[k] ?? 0)}${unit} ${s.name}`).join(", ")}`}</title>
              <rect class="whole" x={x} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} />
              {c.values.map((v, k) => {
                below += v;
                return v ? <rect key={k} x={x + (slot - width) / 2} y={at(below)} width={width} height={at(below - v) - at(below)} fill={series[k]?.color ?? "var(--accent)"} /> : null;
              })}
              {i % every === 0 ? <text x={x + slot / 2} y={HEIGHT - 6} text-anchor="middle">{c.label}</text> : null}
            </g>
          );
        })}
      </svg>
      {series.length > 1 ? <figcaption class="row wrap">{series.map((s) => <span class="row" key={s.name}><i class="sw" style={{ background: s.color }} />{s.name}</span>)}</figcaption> : null}
    </figure>
  );
}

export const duration = (s: number): string => {
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s < 600 && s % 60 ? ` ${Math.round(s % 60)} s` : ""}`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor(s / 60) % 60).padStart(2, "0")} min`;
};
export const percent = (part: number, whole: number): string => (whole ? `${Math.round((100 * part) / whole)} %` : "—");
