/** What says which cluster is meant, and so is kept. */
const kept: ReadonlySet<string> = new Set(["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_CLUSTERS", "SLURM_JWT"]);

/**
 * `SLURM_*` describes a job that we ourselves may run in, and our jobs would take it for theirs. The others change what the
 * commands print or ask back (`SCANCEL_INTERACTIVE`), or make `sbatch` wait. A user's `SBATCH_PARTITION` and its like stay.
 */
const dropped = /^(SLURM|SLURMD|SQUEUE|SACCT|SCANCEL|SRUN)_|^SBATCH_(WAIT|CLUSTERS_ONLY)$/;

/** Devices that an outer job was given, not ours. */
const outerDevices = [
  "CUDA_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "ZE_AFFINITY_MASK",
  "GPU_DEVICE_ORDINAL",
];

/** The environment for Slurm's commands, which `sbatch` hands on to the jobs: ours, without what an outer job left in it. */
export function slurmEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const isInsideJob = env["SLURM_JOB_ID"] !== undefined;
  const entries = Object.entries(env).filter(([name]) => {
    if (isInsideJob && outerDevices.includes(name)) return false;
    return kept.has(name) || !dropped.test(name);
  });
  return Object.fromEntries(entries);
}
