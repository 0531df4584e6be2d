/** `a.b[0].c` or `a.0.c` as its parts; brackets may stand first: `[a].b`. */
export function splitKeyPath(path: string): string[] {
  if (path === "") return [];
  if (!path.includes("[")) return path.split(".");
  const parts: string[] = [];
  for (const [, bracket, plain] of path.matchAll(/\[([^\]]*)\]|(?:^|\.)([^.[\]]*)|[^.[\]]+/g)) {
    const part = bracket ?? plain;
    if (part !== undefined && (part !== "" || bracket !== undefined)) parts.push(part);
  }
  return parts;
}
