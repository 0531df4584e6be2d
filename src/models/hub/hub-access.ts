import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** How the hub is reached, and where its files are kept. */
export interface HubAccess {
  /** The hub or a mirror of it, without a slash at the end. */
  readonly hubUrl: string;
  /** Sent to the hub only; stands in no message. */
  readonly token: string | undefined;
  readonly cacheDir: string;
  /** The network is not to be asked. */
  readonly offline: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment says, in the names that the hub's own libraries read: HF_ENDPOINT, HF_TOKEN (or the file that `hf auth login`
 * writes), HF_HUB_CACHE, HF_HOME, HF_HUB_OFFLINE.
 *
 * @see huggingface_hub, environment variables
 */
export function hubAccess(env: Environment = process.env): HubAccess {
  const home = env["HF_HOME"] || join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "huggingface");
  return {
    hubUrl: (env["HF_ENDPOINT"] || "https://huggingface.co").replace(/\/+$/, ""),
    token: env["HF_TOKEN"]?.trim() || savedToken(env["HF_TOKEN_PATH"] || join(home, "token")),
    cacheDir: env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"] || join(home, "hub"),
    offline: isOn(env["HF_HUB_OFFLINE"]) || isOn(env["TRANSFORMERS_OFFLINE"]),
  };
}

function savedToken(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

function isOn(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? "");
}
