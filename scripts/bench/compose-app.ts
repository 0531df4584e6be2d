// The app of `bench compose`, empty as the baseline's: `node compose-app.js CONF_DIR [words]`.
import { defineApp } from "../../src/app/index.ts";

const [configDir = "", ...words] = process.argv.slice(2);
const app = defineApp({ name: "app", configDir, configName: "config", version: "1.3" }, () => undefined);
process.exitCode = await app.main(words);
