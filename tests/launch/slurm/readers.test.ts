import { describe, expect, it } from "vitest";
import { indexRanges, readIndexRanges } from "../../../src/launch/slurm/index-ranges.ts";
import { stuckReason } from "../../../src/launch/slurm/pending-reason.ts";
import { readSacct, sacctArguments } from "../../../src/launch/slurm/read-sacct.ts";
import { readJobRecords, readMaxArraySize } from "../../../src/launch/slurm/read-scontrol.ts";
import { readSqueue, squeueArguments } from "../../../src/launch/slurm/read-squeue.ts";
import { stateWord, taskStage } from "../../../src/launch/slurm/task-state.ts";

// The texts were printed by Slurm 22.05.8.

describe("readSqueue", () => {
  it("reads pending, running and ended tasks", () => {
    const text = [
      "3|0|PENDING|BeginTime||ttm-0a1b2c3d4e",
      "3|1|RUNNING|None|n1|ttm-0a1b2c3d4e",
      "3|2|CANCELLED|None|n1|ttm-0a1b2c3d4e",
      "",
    ].join("\n");
    expect(readSqueue(text)).toEqual([
      { arrayId: "3", index: 0, state: "PENDING", reason: "BeginTime", node: "", jobName: "ttm-0a1b2c3d4e" },
      { arrayId: "3", index: 1, state: "RUNNING", reason: "None", node: "n1", jobName: "ttm-0a1b2c3d4e" },
      { arrayId: "3", index: 2, state: "CANCELLED", reason: "None", node: "n1", jobName: "ttm-0a1b2c3d4e" },
    ]);
  });

  it("keeps a reason that is a sentence", () => {
    const reason =
      "(Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions)";
    expect(readSqueue(`7|12|PENDING|${reason}||a`)[0]).toMatchObject({ index: 12, reason });
  });

  it("leaves out jobs that are no array, banners and nothing at all", () => {
    expect(readSqueue("2|N/A|PENDING|Priority||b\nWelcome to the cluster!\n")).toEqual([]);
    expect(readSqueue("")).toEqual([]);
  });

  it("asks for one user's arrays by their names, in text", () => {
    const args = squeueArguments(["a-1", "a-2"], 1000).join(" ");
    expect(args).toBe("-h -r -t all -u 1000 -n a-1,a-2 -o %F|%K|%T|%r|%N|%j");
    expect(squeueArguments(["a"], -1)).not.toContain("-u");
  });
});

describe("readSacct", () => {
  it("reads tasks, and those that share a line because they have not started", () => {
    expect(readSacct("12_0|COMPLETED|0:0\n12_1|CANCELLED by 1000|0:15\n12_[2,5-6%2]|PENDING|0:0\n")).toEqual([
      { arrayId: "12", index: 0, state: "COMPLETED", exitCode: "0:0" },
      { arrayId: "12", index: 1, state: "CANCELLED by 1000", exitCode: "0:15" },
      { arrayId: "12", index: 2, state: "PENDING", exitCode: "0:0" },
      { arrayId: "12", index: 5, state: "PENDING", exitCode: "0:0" },
      { arrayId: "12", index: 6, state: "PENDING", exitCode: "0:0" },
    ]);
  });

  it("believes a task's own line where the shared one still names it", () => {
    const states = readSacct("1_3|RUNNING|0:0\n1_[3-4%2]|PENDING|0:0\n").map(
      ({ index, state }) => `${index} ${state}`,
    );
    expect(states).toEqual(["3 RUNNING", "4 PENDING"]);
  });

  it("leaves out steps and jobs that are no array", () => {
    expect(readSacct("12_0.batch|COMPLETED|0:0\n13|FAILED|3:0\n")).toEqual([]);
    expect(sacctArguments(["12", "13"]).slice(-4)).toEqual(["-j", "12,13", "-o", "JobID,State,ExitCode"]);
  });
});

describe("readJobRecords", () => {
  const line =
    "JobId=3 ArrayJobId=3 ArrayTaskId=1 JobName=t.sh UserId=root(0) JobState=CANCELLED Reason=None Requeue=1 Restarts=0 " +
    "ExitCode=143:0 NodeList=n1 NumCPUs=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* WorkDir=/tmp/my sweep StdOut=/tmp/my sweep/1.log Power= ";

  it("reads keys with their values, spaces in them included", () => {
    const [record = {}] = readJobRecords(`${line}\n`);
    expect(record).toMatchObject({
      JobId: "3",
      ArrayTaskId: "1",
      ExitCode: "143:0",
      Restarts: "0",
      Power: "",
    });
    expect(record).toMatchObject({
      WorkDir: "/tmp/my sweep",
      StdOut: "/tmp/my sweep/1.log",
      "CPUs/Task": "1",
    });
  });

  it("has one record for each line, and none for a complaint", () => {
    expect(readJobRecords(`${line}\n${line}\n`)).toHaveLength(2);
    expect(readJobRecords("Job 1_0 not found\n")).toEqual([]);
  });
});

describe("readMaxArraySize", () => {
  it("reads the number of tasks that one array may have", () => {
    expect(readMaxArraySize("MaxArraySize            = 10001\nMaxJobCount = 20000\n")).toBe(10001);
  });

  it("is Slurm's default where nothing is said", () => {
    expect(readMaxArraySize("")).toBe(1001);
  });
});

describe("indexRanges", () => {
  it.each<[readonly number[], string]>([
    [[], ""],
    [[4], "4"],
    [[0, 1, 2, 3], "0-3"],
    [[7, 0, 1, 3, 1], "0-1,3,7"],
  ])("%j is written %j", (indices, text) => {
    expect(indexRanges(indices)).toBe(text);
    expect(readIndexRanges(text)).toEqual([...new Set(indices)].sort((a, b) => a - b));
  });

  it("reads steps and limits, and leaves out what is none", () => {
    expect(readIndexRanges("0-10:5,12%3")).toEqual([0, 5, 10, 12]);
    expect(readIndexRanges("0x0F0,...")).toEqual([]);
  });
});

describe("taskStage", () => {
  it.each([
    ["PENDING", "waiting"],
    ["REQUEUED", "waiting"],
    ["RUNNING", "running"],
    ["COMPLETING", "running"],
    ["SUSPENDED", "running"],
    ["COMPLETED", "ended"],
    ["CANCELLED by 1000", "ended"],
    ["OUT_OF_MEMORY", "ended"],
    ["NODE_FAIL", "perhaps-back"],
    ["PREEMPTED", "perhaps-back"],
  ])("%s is %s", (state, stage) => {
    expect(taskStage(state)).toBe(stage);
  });

  it("takes a state of a newer Slurm for a live one", () => {
    expect(taskStage("EXPEDITING")).toBe("running");
    expect(stateWord("RUNNING+COMPLETING")).toBe("RUNNING");
  });
});

describe("stuckReason", () => {
  it.each(["PartitionConfig", "PartitionTimeLimit", "BadConstraints", "DependencyNeverSatisfied"])(
    "%s never clears",
    (reason) => {
      expect(stuckReason(reason)?.isHopeless).toBe(true);
    },
  );

  it.each(["JobHeldUser", "JobHeldAdmin", "AssocGrpCpuLimit", "QOSMaxJobsPerUserLimit"])(
    "%s is told, but may clear",
    (reason) => {
      expect(stuckReason(reason)?.isHopeless).toBe(false);
    },
  );

  it.each(["None", "Priority", "Resources", "JobArrayTaskLimit", "BeginTime", "Dependency", ""])(
    "%s passes by itself",
    (reason) => {
      expect(stuckReason(reason)).toBeUndefined();
    },
  );
});
