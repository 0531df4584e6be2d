import { killedSweepCase } from "../app/killed-sweep-case.ts";

killedSweepCase({ jobs: 200, kills: 30, ms: 500, timeout: 600_000 });
