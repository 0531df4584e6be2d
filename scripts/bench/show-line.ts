/** A line for people: the axes first, then the figures by name; the peer's figures in brackets. */
export function showLine(line: Readonly<Record<string, unknown>>): string {
  const { peer, versions: _versions, ...own } = line;
  const theirs = typeof peer === "object" && peer !== null ? (peer as Record<string, unknown>) : {};
  return Object.entries(own)
    .map(([name, value]) => {
      const other = typeof value === "number" && typeof theirs[name] === "number" ? ` (${theirs[name]})` : "";
      return typeof value === "string" ? value : `${name} ${String(value)}${other}`;
    })
    .join("  ");
}
