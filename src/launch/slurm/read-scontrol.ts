/** Slurm's own default. */
export const defaultMaxArraySize = 1001;

/** `MaxArraySize` from `scontrol show config`: the highest index is one less, so this many tasks fit from index 0. */
export function readMaxArraySize(configText: string): number {
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(configText)?.[1] ?? defaultMaxArraySize);
  return Math.max(1, size);
}

/** One job as `scontrol -o show job` prints it: a line of `Key=value`, where values may hold spaces. */
export type JobRecord = Readonly<Record<string, string>>;

export function readJobRecords(text: string): JobRecord[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("JobId="))
    .map((line) => {
      const starts = [...line.matchAll(/(?:^|\s)([A-Z][\w/:.]*)=/g)];
      const pairs = starts.map((match, place): [string, string] => {
        const from = match.index + match[0].length;
        return [match[1] ?? "", line.slice(from, starts[place + 1]?.index).trim()];
      });
      return Object.fromEntries(pairs);
    });
}
