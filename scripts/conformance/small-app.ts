import { join } from "node:path";
import { type App, defineApp } from "../../src/app/index.ts";

export interface SmallAppOptions {
  /** The two arguments that a case may change. */
  readonly app?: { readonly config_path?: string | null; readonly config_name?: string | null };
}

/** The ten-line app. */
export function smallApp(dir: string, item: SmallAppOptions): App {
  const configPath = item.app?.config_path === undefined ? "conf" : item.app.config_path;
  return defineApp(
    {
      name: "app",
      configDir: configPath === null ? null : join(dir, configPath),
      configName: item.app?.config_name === undefined ? "config" : item.app.config_name,
      version: "1.3",
      baseDir: dir,
    },
    (config, { configYaml, print }) => {
      if (config["fail"] === true) throw new Error("asked to fail");
      print(configYaml);
      return undefined;
    },
  );
}
