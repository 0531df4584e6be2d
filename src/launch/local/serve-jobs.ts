import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { errorRecord } from "../error-record.ts";
import { LaunchError } from "../errors.ts";
import type { JobTask, PreparedJob, ReportAnswer } from "../job.ts";
import { toJson } from "../json-numbers.ts";
import type { JobHost } from "../run-job.ts";
import { runJobOnce } from "../run-job-once.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** The file in a job's folder with what the job printed. */
const outputName = "output.log";

export interface JobServer {
  /** The prepared job of a folder. */
  read(folder: string): PreparedJob;
  readonly task: JobTask;
  hostOf(job: PreparedJob): JobHost;
}

/**
 * The life of a worker process: runs one job after the other, as its parent says over the channel between them. Once the
 * parent is gone the process ends at once, before it writes anything that nobody waits for.
 *
 * @returns never in a live process: the parent ends it
 */
export async function serveJobs(server: JobServer): Promise<void> {
  const worker = new JobWorker(server);
  process.on("disconnect", () => process.exit(1));
  process.on("message", (message: ToWorker) => worker.hear(message));
  // A terminal sends Ctrl-C to the whole group; what it means for a job, the parent says.
  process.on("SIGINT", () => {});
  divert(process.stdout, worker);
  divert(process.stderr, worker);
  send({ kind: "ready" });
  await new Promise(() => {});
}

class JobWorker {
  readonly #server: JobServer;
  #folder: string | undefined;
  #abort = new AbortController();
  #answer: ((answer: ReportAnswer) => void) | undefined;

  constructor(server: JobServer) {
    this.#server = server;
  }

  hear(message: ToWorker): void {
    if (message.kind === "run") void this.#run(message.folder);
    else if (message.kind === "answer") this.#answer?.(message.answer);
    else this.#abort.abort(new LaunchError("LAUNCH_INTERRUPTED", message.reason));
  }

  /** Takes what the job prints; false while there is none. */
  write(chunk: string | Uint8Array): boolean {
    if (this.#folder === undefined) return false;
    appendFileSync(join(this.#folder, outputName), chunk);
    return true;
  }

  async #run(folder: string): Promise<void> {
    this.#folder = folder;
    this.#abort = new AbortController();
    try {
      const { task } = this.#server;
      const job = this.#server.read(folder);
      const host = { ...this.#server.hostOf(job), onReport: this.#report };
      await runJobOnce(job, task, host, this.#abort.signal);
      send({ kind: "ended" });
    } catch (error) {
      send({ kind: "refused", error: errorRecord(error) });
    } finally {
      this.#folder = undefined;
    }
  }

  readonly #report: NonNullable<JobHost["onReport"]> = (_job, { step, value }) => {
    const answered = new Promise<ReportAnswer>((resolve) => {
      this.#answer = resolve;
    });
    send({ kind: "report", step, value: toJson(value) });
    return answered;
  };
}

function send(message: FromWorker): void {
  process.send?.(message);
}

/** Sends what is written to a stream to the job that runs, and to where it went before while there is none. */
function divert(stream: NodeJS.WriteStream, worker: JobWorker): void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (!worker.write(chunk)) return write(chunk);
    const done = rest.findLast((item) => typeof item === "function");
    if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  };
}
