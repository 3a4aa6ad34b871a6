/** Rows of text as a table in Markdown, the head first: the first column to the left, the others to the right. */
export function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  return lines
    .map((row) => `| ${row.map((text) => text.replaceAll("|", "\\|").replace(/ +/g, " ").trim()).join(" | ")} |`)
    .join("\n");
}
