// The app of `bench sweep`, empty as the baseline's: `node sweep-app.js [words]`, the config folder in BENCH_CONF. Prints how long
// after its start the first job began, and how much memory it took at most.
import { defineApp } from "../../src/app/index.ts";
import { peakMemory } from "./peak-memory.ts";

let firstJob: number | undefined;
const app = defineApp(
  { name: "app", configDir: process.env["BENCH_CONF"] ?? null, configName: "config", version: "1.3" },
  ({ entries: _ }, { num }) => {
    firstJob ??= process.uptime() * 1000;
    return num ?? 0;
  },
);
const words = process.argv.slice(2);
process.exitCode = await app.main(words);
if (words[0] !== "--serve-jobs") {
  process.stdout.write(`${JSON.stringify({ first_job_ms: firstJob ?? null, peak_rss_mb: peakMemory() })}\n`);
}
