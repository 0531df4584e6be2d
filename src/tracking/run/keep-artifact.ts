import { constants } from "node:fs";
import { cp, mkdir, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { TrackingError } from "../errors.ts";

export interface KeptArtifact {
  /** Relative to the run folder, with `/`. */
  readonly path: string;
  readonly folder: boolean;
  /** Its place among the run's artifacts, with `/`. */
  readonly target: string;
}

/**
 * Makes sure that a file or folder lies in the run folder: what lies elsewhere is copied to `artifacts/` there, so that a follower finds
 * it whenever it gets that far.
 *
 * @throws {TrackingError} TRACKING_ARTIFACT_MISSING
 */
export async function keepArtifact(
  runDir: string,
  path: string,
  artifactPath: string | undefined,
): Promise<KeptArtifact> {
  const source = resolve(path);
  const folder = await isFolder(source);
  const target = cleanTarget(
    folder ? (artifactPath ?? basename(source)) : join(artifactPath ?? "", basename(source)),
  );
  const inside = relative(resolve(runDir), source);
  if (!(inside.startsWith("..") || isAbsolute(inside))) return { path: slashes(inside), folder, target };
  const kept = join("artifacts", target);
  const copy = join(runDir, kept);
  await mkdir(dirname(copy), { recursive: true });
  await cp(source, copy, { recursive: true, mode: constants.COPYFILE_FICLONE, dereference: true });
  return { path: slashes(kept), folder, target };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new TrackingError("TRACKING_ARTIFACT_MISSING", "there is no such file or folder to keep", {
      where: path,
      fix: "log an artifact after it has been written, by its path",
      cause,
    });
  }
}

/** Keeps a target inside the run's artifacts: no leading slash, no `.` or `..` part. */
function cleanTarget(target: string): string {
  return slashes(target)
    .split("/")
    .filter((part) => part !== "" && part !== "." && part !== "..")
    .join("/");
}

function slashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
