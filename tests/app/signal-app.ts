// Started by signals.test.ts as a process of its own, in a folder with a conf/.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { defineApp } from "../../src/app/index.ts";

const app = defineApp(
  { name: "app", configDir: join(process.cwd(), "conf"), configName: "config", version: "1" },
  async (config, { num, print, signal }) => {
    print(`started ${num}\n`);
    const isDeaf = "deaf" in config;
    await wait(60_000, undefined, isDeaf ? {} : { signal }).catch((error: unknown) => {
      print(`tidy ${num}\n`);
      throw error;
    });
    return undefined;
  },
);
process.exitCode = await app.main(process.argv.slice(2));
