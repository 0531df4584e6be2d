import { type Reader, readers } from "./setting-readers.ts";

interface SbatchSetting {
  /** The option of `sbatch`. */
  readonly flag: string;
  readonly read: Reader<string | number>;
}

/** Settings that go to `sbatch` as they are, under the names that submitit gives them. */
export const sbatchSettings: Readonly<Record<string, SbatchSetting>> = {
  timeout_min: { flag: "time", read: readers.count },
  partition: { flag: "partition", read: readers.text },
  qos: { flag: "qos", read: readers.text },
  account: { flag: "account", read: readers.text },
  comment: { flag: "comment", read: readers.text },
  constraint: { flag: "constraint", read: readers.text },
  exclude: { flag: "exclude", read: readers.text },
  gres: { flag: "gres", read: readers.text },
  cpus_per_task: { flag: "cpus-per-task", read: readers.count },
  cpus_per_gpu: { flag: "cpus-per-gpu", read: readers.count },
  gpus_per_node: { flag: "gpus-per-node", read: readers.text },
  gpus_per_task: { flag: "gpus-per-task", read: readers.text },
  mem_gb: { flag: "mem", read: readers.gigabytes },
  mem_per_cpu: { flag: "mem-per-cpu", read: readers.text },
  mem_per_gpu: { flag: "mem-per-gpu", read: readers.text },
};

/** Options that the launcher itself needs as they are; a user's would break it. */
export const ownOptions: ReadonlySet<string> = new Set([
  "array",
  "chdir",
  "error",
  "export",
  "input",
  "job-name",
  "no-requeue",
  "open-mode",
  "output",
  "parsable",
  "requeue",
  "signal",
  "test-only",
  "wait",
  "wrap",
]);
