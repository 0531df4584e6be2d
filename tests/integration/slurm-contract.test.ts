import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { findLauncher } from "../../src/launch/index.ts";
import { launcherContract } from "../contracts/launcher.ts";
import { SlurmCluster } from "./slurm-cluster.ts";

const top = mkdtempSync(join(tmpdir(), "sq-"));
const cluster = new SlurmCluster(top);
const whyNoCluster = await cluster.start(1);
if (whyNoCluster !== undefined) process.stderr.write(`skipped: ${whyNoCluster}\n`);
Object.assign(process.env, { SLURM_CONF: cluster.env["SLURM_CONF"] });

afterAll(async () => {
  await cluster.stop();
  rmSync(top, { recursive: true, force: true });
});

describe.skipIf(whyNoCluster !== undefined)("on a real cluster", () => {
  const settings = new Map([
    ["poll_interval_s", 5n],
    ["grace_s", 5n],
  ]);
  launcherContract("slurm", findLauncher("slurm"), { settings, timeout: 120_000 });
});
