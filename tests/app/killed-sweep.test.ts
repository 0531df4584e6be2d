import { killedSweepCase } from "./killed-sweep-case.ts";

killedSweepCase({ jobs: 24, kills: 5, ms: 1000, timeout: 300_000 });
