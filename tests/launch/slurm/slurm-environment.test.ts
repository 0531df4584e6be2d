import { describe, expect, it } from "vitest";
import { slurmEnvironment } from "../../../src/launch/slurm/slurm-environment.ts";

describe("slurmEnvironment", () => {
  it("takes out what an outer job left", () => {
    const env = { PATH: "/bin", SLURM_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "3", SLURM_RESTART_COUNT: "1" };
    expect(slurmEnvironment({ ...env, CUDA_VISIBLE_DEVICES: "1" })).toEqual({ PATH: "/bin" });
  });

  it("keeps which cluster is meant, the user's wishes, and devices that no outer job gave", () => {
    const env = {
      SLURM_CONF: "/etc/slurm.conf",
      SLURM_CLUSTERS: "a",
      SBATCH_PARTITION: "gpu",
      CUDA_VISIBLE_DEVICES: "0",
    };
    expect(slurmEnvironment(env)).toEqual(env);
  });

  it("takes out what makes the commands print or behave otherwise", () => {
    expect(slurmEnvironment({ SQUEUE_FORMAT: "%i", SCANCEL_INTERACTIVE: "1", SBATCH_WAIT: "1" })).toEqual({});
  });
});
