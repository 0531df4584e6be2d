/** One task of an array as the controller knows it. */
export interface QueuedTask {
  /** Id of the array; stays the same, unlike the task's own job id. */
  readonly arrayId: string;
  readonly index: number;
  readonly state: string;
  /** Why it is pending; `None` otherwise. */
  readonly reason: string;
  readonly node: string;
  readonly jobName: string;
}

/** Text rather than JSON: it is the same in every version of Slurm, `squeue --json` has three dialects and ignores filters. */
const queueFormat = "%F|%K|%T|%r|%N|%j";

/**
 * All tasks of these job names in one call. By name, not by id: the same answer then shows an array whose `sbatch` was cut off
 * before it said its id, and a name that the controller has forgotten is no error. `-u` lets the controller send one user's jobs only.
 */
export function squeueArguments(jobNames: readonly string[], uid: number): string[] {
  const user = uid < 0 ? [] : ["-u", String(uid)];
  return ["-h", "-r", "-t", "all", ...user, "-n", jobNames.join(","), "-o", queueFormat];
}

/** Lines that are no array task (a banner of the site, another format) are left out. */
export function readSqueue(text: string): QueuedTask[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split("|");
    const [arrayId = "", index = "", state = "", reason = "", node = "", ...name] = fields;
    if (!/^\d+$/.test(arrayId) || !/^\d+$/.test(index) || state === "") return [];
    return [{ arrayId, index: Number(index), state, reason, node, jobName: name.join("|") }];
  });
}
