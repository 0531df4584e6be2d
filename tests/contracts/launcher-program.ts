// The program whose jobs the launchers' contract runs in other processes.
import { defineApp } from "../../src/app/index.ts";
import { contractTask } from "./launcher-tasks.ts";

const app = defineApp(
  { name: "contract", configDir: null, configName: null, version: "1" },
  (_config, context) => contractTask(context),
);
process.exitCode = await app.main(process.argv.slice(2));
