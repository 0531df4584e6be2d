import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { MlflowConnection } from "./connection.ts";

/** A file on disk with its size, or a text. */
export type ArtifactContent = { readonly file: string; readonly size: number } | { readonly text: string };

/** Uploads through the artifact proxy, as a stream of known length; replaces what is there. `path` is the one in `artifactProxyPath`'s form. */
export async function putArtifact(
  connection: MlflowConnection,
  path: string,
  content: ArtifactContent,
): Promise<void> {
  if ("text" in content) {
    const bytes = Buffer.from(content.text, "utf8");
    await connection.call({
      method: "PUT",
      path,
      upload: { stream: Readable.from([bytes]), bytes: bytes.length },
    });
    return;
  }
  const { file, size } = content;
  // A file that grows while it is read must not send more than was announced.
  const stream = size === 0 ? Readable.from([]) : createReadStream(file, { end: size - 1 });
  await connection.call({ method: "PUT", path, upload: { stream, bytes: size } });
}
