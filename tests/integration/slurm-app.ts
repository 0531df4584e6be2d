// Started by slurm.test.ts as a process of its own, in a folder with a conf/; then by Slurm, to run its jobs.
import { appendFileSync, existsSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { defineApp } from "../../src/app/index.ts";

const TICK_MS = 250;

const app = defineApp(
  { name: "sq", configDir: join(process.cwd(), "conf"), configName: "config", version: "1" },
  async (config, { outputDir, attempt, resume, signal, report }) => {
    const { x, ticks } = config as { x: number; ticks: number };
    const ticked = join(outputDir, "ticks");
    const done = resume && existsSync(ticked) ? statSync(ticked).size : 0;
    appendFileSync(join(outputDir, "starts"), `${attempt} ${hostname()} ${done}\n`);
    for (let tick = done; tick < ticks; tick++) {
      await wait(TICK_MS, undefined, { signal });
      appendFileSync(ticked, ".");
      if ((await report(x + tick, tick)) === "stop") break;
    }
    appendFileSync(join(outputDir, "ends"), `${attempt}\n`);
    return x * x;
  },
);
process.exitCode = await app.main(process.argv.slice(2));
