// Charts drawn by the page itself: bars for kinds, columns for days. Every number is also text.
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
export interface Column { label: string; title: string; values: number[] }

// Stacked columns, one for each step of time. At most about 60 of them.
export function Columns({ series, columns, unit = "" }: { series: Series[]; columns: Column[]; unit?: string }) {
  const most = Math.max(1, ...columns.map((c) => c.values.reduce((a, b) => a + b, 0)));
  const every = Math.ceil(columns.length / 12);
  return (
    <figure class="columns">
      {series.length > 1 ? <figcaption class="row wrap">{series.map((s) => <span class="row" key={s.name}><i class="sw" style={{ background: s.color }} />{s.name}</span>)}</figcaption> : null}
      <div class="plot">
        <span class="top" aria-hidden="true">{Math.round(most).toLocaleString()}{unit}</span>
        {columns.map((c, i) => {
          const total = c.values.reduce((a, b) => a + b, 0);
          return (
            <div key={c.label} class="col" role="img" aria-label={`${c.title}: ${total.toLocaleString()}${unit}`} title={`${c.title}: ${series.map((s, k) => `${(c.values[k] ?? 0).toLocaleString()}${unit} ${s.name}`).join(", ")}`}>
              <span class="stack">{c.values.map((v, k) => (v ? <i key={k} style={{ height: `${(v / most) * 100}%`, background: series[k]?.color ?? "var(--accent)" }} /> : null))}</span>
              <small aria-hidden="true">{i % every === 0 ? c.label : ""}</small>
            </div>
          );
        })}
      </div>
    </figure>
  );
}

export const duration = (s: number): string => {
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s < 600 && s % 60 ? ` ${Math.round(s % 60)} s` : ""}`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor(s / 60) % 60).padStart(2, "0")} min`;
};
export const percent = (part: number, whole: number): string => (whole ? `${Math.round((100 * part) / whole)} %` : "—");
