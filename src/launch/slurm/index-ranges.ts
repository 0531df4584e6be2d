/** `0-3,7` for 0, 1, 2, 3, 7, as `--array` and `scancel` take them. */
export function indexRanges(indices: readonly number[]): string {
  const parts: string[] = [];
  const sorted = [...new Set(indices)].sort((a, b) => a - b);
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (sorted[end + 1] === Number(sorted[end]) + 1) end++;
    parts.push(start === end ? String(sorted[start]) : `${sorted[start]}-${sorted[end]}`);
    start = end + 1;
  }
  return parts.join(",");
}

/** The indices of `0-3,7,10-20:5%2`; a part that is none of that is left out. */
export function readIndexRanges(text: string): number[] {
  return text
    .replace(/%\d+$/, "")
    .split(",")
    .flatMap((part) => {
      const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part.trim());
      if (match === null) return [];
      const first = Number(match[1]);
      const last = Number(match[2] ?? first);
      const step = Math.max(1, Number(match[3] ?? 1));
      const count = Math.max(0, Math.floor((last - first) / step) + 1);
      return Array.from({ length: count }, (_, place) => first + place * step);
    });
}
