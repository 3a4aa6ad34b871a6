/** Three digits, thousands as `k`; nothing for what was not measured. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  const size = Math.abs(value);
  if (size >= 999_500) return `${(value / 1e6).toPrecision(3)}M`;
  if (size >= 999.5) return size >= 99_950 ? `${Math.round(value / 1000)}k` : `${(value / 1000).toPrecision(3)}k`;
  return size >= 0.01 ? value.toPrecision(3) : size === 0 ? "0" : value.toFixed(3);
}

/** A table as text: the first column to the left, the others to the right. */
export function layOut(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((text, column) => pad(text, column, widths)).join("  ")).join("\n");
}

function pad(text: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
