// Started by the tests of sweeps as a process of its own, in a folder with a conf/. Its task watches over what a sweep promises:
// it writes a line to violations.log where it is run beside itself, and one to ends.log for each end that counted.
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { defineApp } from "../../src/app/index.ts";
import { isRunning, thisProcess } from "../../src/core/index.ts";

const schema = z.object({
  x: z.number(),
  ms: z.number().default(40),
  fail: z.number().nullable().default(null),
});

const app = defineApp(
  { name: "app", configDir: join(process.cwd(), "conf"), configName: "config", version: "1", schema },
  async ({ x, ms, fail }, { outputDir, sweep, attempt, report, signal, print }) => {
    const note = (name: string, line: string) => appendFileSync(join(sweep?.dir ?? ".", name), `${line}\n`);
    note("starts.log", `${x} ${attempt} ${process.pid}`);
    const busy = join(outputDir, "busy");
    // A killed process may stand in the table of processes for a while: that is not running.
    const other = existsSync(busy) ? readFileSync(busy, "utf8") : "";
    if (other !== "" && isRunning(JSON.parse(other)) === true)
      note("violations.log", `${x} ran twice at once`);
    writeFileSync(busy, JSON.stringify(thisProcess()));
    print(`job ${x}\n`);
    try {
      for (let step = 1; step <= 4; step++) {
        await wait(ms / 4, undefined, { signal });
        if ((await report((x - 7) ** 2 / step, step)) === "stop") break;
      }
    } finally {
      rmSync(busy);
    }
    if (fail !== null && x % fail === 0 && attempt === 1) throw new Error(`${x} fails the first time`);
    // The outcome is written as soon as the task has returned; only then has the job ended for good.
    setImmediate(() => {
      if (existsSync(join(outputDir, "outcome.json"))) note("ends.log", `${x}`);
    });
    return (x - 7) ** 2;
  },
);

process.exitCode = await app.main(process.argv.slice(2));
