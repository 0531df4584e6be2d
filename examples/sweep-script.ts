// A sweep from a program of your own: the same sweepers, launchers, folders and log as `ttm --multirun`.
//
//     npx tsx sweep-script.ts training.num_epochs=1
//
// Broken off, it goes on where it was: npx tsx sweep-script.ts --resume multirun/2026-01-31/12-00-00
import { formatError, sweep, TtmError } from "ttm";

const words = process.argv.slice(2);
const resume = words[0] === "--resume" ? words[1] : undefined;

const running = sweep({
  ...(resume === undefined ? { overrides: words } : { resume }),
  space: { "training.learning_rate": [1e-3, 1e-2], "training.lora_rank": [2, 4] },
  // Two worker processes, each with its share of the cores; leave both out to train in this process.
  launcher: "local",
  nJobs: 2,
  note: (line) => console.error(line),
});

try {
  for await (const { num, params, status, result } of running) {
    console.log(`#${num}`, status, params, result);
  }
  const { best, dir, summary } = await running.result;
  console.log(`sweep       ${summary.status}, ${summary.jobs.length} jobs`);
  console.log(`best        #${best?.outcome.num}  validation loss ${best?.value}`);
  console.log(`folder      ${dir}`);
} catch (error) {
  if (!(error instanceof TtmError)) throw error;
  console.error(formatError(error));
  process.exitCode = 1;
}
