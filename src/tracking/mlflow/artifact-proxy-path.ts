import { MlflowError } from "./errors.ts";

const PROXY = "/api/2.0/mlflow-artifacts/artifacts";

/**
 * Where in the tracking server's artifact proxy a run's file goes.
 *
 * @param artifactUri  of the run, such as `mlflow-artifacts:/412/<run>/artifacts`
 * @param name         the file's place among the run's artifacts, with `/`
 * @throws {MlflowError} MLFLOW_ARTIFACT_STORE where the run's artifacts do not go through the server
 */
export function artifactProxyPath(artifactUri: string, name: string): string {
  const root = proxyRoot(artifactUri);
  if (root === undefined) {
    throw new MlflowError(
      "MLFLOW_ARTIFACT_STORE",
      `this run's artifacts lie in ${schemeOf(artifactUri)}, which only its own client can write`,
      {
        kind: "refused",
        maybeDone: false,
        where: artifactUri,
        fix: "start the server with --serve-artifacts and --artifacts-destination; until then artifacts stay in the run folder",
      },
    );
  }
  const parts = [...root.split("/"), ...name.split("/")].filter((part) => part !== "");
  return `${PROXY}/${parts.map((part) => encodeURIComponent(part.replaceAll("#", "_"))).join("/")}`;
}

function proxyRoot(artifactUri: string): string | undefined {
  const own = /^mlflow-artifacts:(?:\/\/[^/]*)?(\/.*)?$/.exec(artifactUri);
  if (own !== null) return own[1] ?? "";
  const web = /^https?:\/\/[^/]+.*?\/mlflow-artifacts\/artifacts(\/.*)?$/.exec(artifactUri);
  return web === null ? undefined : (web[1] ?? "");
}

function schemeOf(uri: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.exec(uri)?.[0] ?? "a folder of the server";
}
