import { setTimeout as wait } from "node:timers/promises";
import { type FileLock, isFileLock, takeLock } from "../../core/index.ts";

const LOOK_AGAIN_MS = 200;

/** Does something while no other process does the same for this blob; waits for one that does. */
export async function withBlobLock<Result>(
  blob: string,
  { onNotice }: { readonly onNotice?: ((notice: string) => void) | undefined },
  act: () => Promise<Result>,
): Promise<Result> {
  const lock = await waitForLock(`${blob}.lock`, onNotice);
  try {
    return await act();
  } finally {
    lock.release();
  }
}

async function waitForLock(
  file: string,
  onNotice: ((notice: string) => void) | undefined,
): Promise<FileLock> {
  for (let said = false; ; said = true) {
    const answer = takeLock(file);
    if (isFileLock(answer)) return answer;
    if (!said) onNotice?.(`waits for process ${answer.pid} on ${answer.host}, which fetches the same file`);
    await wait(LOOK_AGAIN_MS);
  }
}
