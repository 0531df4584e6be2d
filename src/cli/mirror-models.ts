import { formatError, TtmError } from "../core/index.ts";
import { type ModelRegistry, mirrorRegistry, serversOf } from "../tracking/index.ts";

/** Brings the registry to a server, or to all that know one of its runs; what goes wrong is told, for the registry itself is whole. */
export async function mirrored(registry: ModelRegistry, uri: string | undefined): Promise<string[]> {
  const runs = (await registry.models()).flatMap(({ versions }) =>
    versions.map(({ origin }) => origin.run_dir),
  );
  const uris = uri === undefined ? await serversOf(runs) : [uri];
  const lines: string[] = [];
  for (const server of uris) {
    try {
      const { remote, versions, aliases, without_run: without } = await mirrorRegistry(registry, server);
      const left = without.length === 0 ? "" : `; without their run there: ${without.join(", ")}`;
      lines.push(`tracker     ${remote}: ${versions} versions, ${aliases} aliases${left}`);
    } catch (error) {
      if (!(error instanceof TtmError)) throw error;
      lines.push(formatError(error).replace(/^error/, "warning"));
    }
  }
  return lines;
}
