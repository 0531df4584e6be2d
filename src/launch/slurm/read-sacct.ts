import { readIndexRanges } from "./index-ranges.ts";

/** One task as the accounting has it. */
export interface AccountedTask {
  readonly arrayId: string;
  readonly index: number;
  readonly state: string;
  /** `CODE:SIGNAL`. */
  readonly exitCode: string;
}

export function sacctArguments(arrayIds: readonly string[]): string[] {
  return ["-X", "-P", "-n", "-j", arrayIds.join(","), "-o", "JobID,State,ExitCode"];
}

/**
 * Tasks that have not started share one line, `12_[4-9%2]`, which becomes one record each. The line lags: a task that has a line of
 * its own has started, even where the shared one still names it.
 */
export function readSacct(text: string): AccountedTask[] {
  const tasks = text.split("\n").flatMap(readLine);
  const started = new Set(
    tasks.filter(({ isShared }) => !isShared).map(({ task }) => `${task.arrayId}_${task.index}`),
  );
  const isTrue = ({ isShared, task }: ReadTask) => !isShared || !started.has(`${task.arrayId}_${task.index}`);
  return tasks.filter(isTrue).map(({ task }) => task);
}

interface ReadTask {
  readonly task: AccountedTask;
  readonly isShared: boolean;
}

function readLine(line: string): ReadTask[] {
  const [id = "", state = "", exitCode = ""] = line.trim().split("|");
  const match = /^(\d+)_(?:(\d+)|\[([^\]]*)\])$/.exec(id);
  if (match === null || state === "") return [];
  const [, arrayId = "", one, several] = match;
  const indices = one === undefined ? readIndexRanges(several ?? "") : [Number(one)];
  return indices.map((index) => ({ task: { arrayId, index, state, exitCode }, isShared: one === undefined }));
}
