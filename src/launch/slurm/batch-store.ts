import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folderError, isCode, makeFolder } from "../claim-folder.ts";
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

  /** @param folder  absolute; made with the first batch */
  constructor(folder: string) {
    this.#folder = folder;
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
    return this.write({ ...batch, arrayId: undefined });
  }

  write(batch: Batch): Batch {
    const { jobName, jobs, arrayId } = batch;
    const file: BatchFile = { version: 1, job_name: jobName, jobs, array_id: arrayId ?? null };
    writeText(join(batch.folder, "batch.json"), `${JSON.stringify(file, null, 2)}\n`);
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
      return [{ folder, jobName: file.job_name, jobs: file.jobs, arrayId: file.array_id ?? undefined }];
    } catch {
      return [];
    }
  }
}

/** squeue takes several names between commas. */
function plain(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, "_").slice(0, 60) || "sweep";
}
