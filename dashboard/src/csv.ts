/** Tables as CSV (RFC 4180), for spreadsheets. */

export type Cell = string | number | null | undefined;

export function csvOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((cells) => cells.map(written).join(",")).join("\r\n") + "\r\n";
}

function written(cell: Cell): string {
  if (typeof cell === "number") return String(cell);
  const text = cell ?? "";
  // A page or a campaign may be named by anybody: a spreadsheet must not take it for a formula.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" })); // Excel needs the mark
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
