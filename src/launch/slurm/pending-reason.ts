/** Why a pending task may never start, and what to do; undefined for a reason that passes by itself. */
export interface StuckReason {
  /** Whether waiting is useless: nothing but a new submission, or an administrator, helps. */
  readonly isHopeless: boolean;
  readonly fix: string;
}

interface ReasonRow extends StuckReason {
  readonly pattern: RegExp;
}

/** sbatch accepts requests that can never run; only the reason of the pending task tells. */
const rows: readonly ReasonRow[] = [
  {
    pattern: /^PartitionConfig$/,
    isHopeless: true,
    fix: "ask for what a node of the partition has: hydra.launcher.cpus_per_task=, gpus_per_node=, mem_gb=, or another hydra.launcher.partition=",
  },
  {
    pattern: /^PartitionTimeLimit$/,
    isHopeless: true,
    fix: "hydra.launcher.timeout_min= at most the partition's limit (sinfo -o '%P %l'), or another hydra.launcher.partition=",
  },
  {
    pattern: /^BadConstraints$/,
    isHopeless: true,
    fix: "no node has what hydra.launcher.constraint, gres and mem_gb ask for (sinfo -o '%N %f %G %m')",
  },
  {
    pattern: /^DependencyNeverSatisfied$/,
    isHopeless: true,
    fix: "the job that hydra.launcher.additional_parameters.dependency names has failed or was cancelled",
  },
  {
    pattern: /^(InvalidAccount|InvalidQOS|QOSNotAllowed|AccountNotAllowed|PartitionNotAllowed)$/,
    isHopeless: true,
    fix: "hydra.launcher.account=, qos= or partition= that you may use (sacctmgr show assoc user=$USER)",
  },
  {
    pattern: /^(PartitionDown|PartitionInactive)$/,
    isHopeless: false,
    fix: "another hydra.launcher.partition=",
  },
  {
    pattern: /^JobHeldUser$/,
    isHopeless: false,
    fix: "the job is held: scontrol release JOBID",
  },
  {
    pattern: /^(JobHeldAdmin|JobHoldMaxRequeue)$/,
    isHopeless: false,
    fix: "ask the site why it holds the job",
  },
  {
    pattern: /^(Assoc|QOS|MaxJobs).*(Limit|PerUser|PerAccount|PerJob)/,
    isHopeless: false,
    fix: "a limit of the site; the task starts when others of yours end, or never if it is larger than the limit",
  },
];

/** @param reason  as squeue's `%r` prints it */
export function stuckReason(reason: string): StuckReason | undefined {
  return rows.find(({ pattern }) => pattern.test(reason));
}
