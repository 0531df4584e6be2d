import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { folderError, isCode, makeFolder } from "../claim-folder.ts";
import { isOfOther } from "../outcome-file.ts";
import { writeText } from "../write-text.ts";

/** One array of tasks: what was, or is about to be, submitted in one call. */
export interface Batch {
  /** Absolute; holds `batch.json`, `script.sh`, `jobs.txt` and the tasks' logs. */
  readonly folder: string;
  /** The job's name in the queue, nobody else's. */
  readonly jobName: string;
  /** The jobs' folders; a task's index is its place here. */
  readonly jobs: readonly string[];
  /** undefined while it is not known that the controller has it. */
  readonly arrayId: string | undefined;
}

interface BatchFile {
  readonly version: 1;
  readonly sweep: string | null;
  readonly job_name: string;
  readonly jobs: readonly string[];
  readonly array_id: string | null;
}

/**
 * The batches of a sweep on disk, each in a numbered folder, written before it is submitted: whoever follows a launcher that was
 * killed knows from them what may be in the queue.
 */
export class BatchStore {
  readonly #folder: string;
  readonly #sweepId: string | undefined;

  /**
   * @param folder  absolute; made with the first batch
   * @param sweepId  only its batches are read, where several sweeps have used the folder
   */
  constructor(folder: string, sweepId?: string) {
    this.#folder = folder;
    this.#sweepId = sweepId;
  }

  /** All batches, the newest last. One whose file cannot be read was never submitted. */
  read(): readonly Batch[] {
    if (!existsSync(this.#folder)) return [];
    const numbers = readdirSync(this.#folder).filter((name) => /^\d+$/.test(name));
    return numbers
      .sort((a, b) => Number(a) - Number(b))
      .flatMap((name) => this.#readOne(join(this.#folder, name)));
  }

  /** @throws {LaunchError} LAUNCH_FOLDER */
  add(name: string, jobs: readonly string[]): Batch {
    const batch = {
      folder: this.#claim(),
      jobName: `${plain(name)}-${randomBytes(5).toString("hex")}`,
      jobs,
    };
    try {
      return this.write({ ...batch, arrayId: undefined });
    } catch (cause) {
      rmSync(batch.folder, { recursive: true, force: true });
      throw cause;
    }
  }

  write(batch: Batch): Batch {
    const { jobName, jobs, arrayId } = batch;
    const sweep = this.#sweepId ?? null;
    const file: BatchFile = { version: 1, sweep, job_name: jobName, jobs, array_id: arrayId ?? null };
    // Whoever finds it torn after a crash of the machine would submit the jobs a second time.
    writeText(join(batch.folder, "batch.json"), `${JSON.stringify(file, null, 2)}\n`, { sync: true });
    return batch;
  }

  #claim(): string {
    makeFolder(this.#folder);
    const taken = readdirSync(this.#folder).filter((name) => /^\d+$/.test(name));
    for (let number = Math.max(-1, ...taken.map(Number)) + 1; ; number++) {
      const folder = join(this.#folder, String(number));
      try {
        mkdirSync(folder);
        return folder;
      } catch (cause) {
        if (!isCode(cause, "EEXIST")) throw folderError(folder, cause);
      }
    }
  }

  #readOne(folder: string): Batch[] {
    try {
      const file = JSON.parse(readFileSync(join(folder, "batch.json"), "utf8")) as BatchFile;
      if (isOfOther(file.sweep, this.#sweepId)) return [];
      return [{ folder, jobName: file.job_name, jobs: file.jobs, arrayId: file.array_id ?? undefined }];
    } catch {
      return [];
    }
  }
}

/** An `sbatch` of a launcher that was killed may still be on its way for so long. */
const IN_FLIGHT_MS = 20_000;

/** Whether the batch may be on its way to a controller that does not know it yet. */
export function isFresh({ folder }: Batch): boolean {
  return Date.now() - statSync(folder).mtimeMs < IN_FLIGHT_MS;
}

/** squeue takes several names between commas. */
function plain(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, "_").slice(0, 60) || "sweep";
}
