/** Three digits, thousands as `k`; nothing for what was not measured. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  if (value >= 999.5) return value >= 99_950 ? `${Math.round(value / 1000)}k` : `${(value / 1000).toPrecision(3)}k`;
  return value.toPrecision(3);
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
