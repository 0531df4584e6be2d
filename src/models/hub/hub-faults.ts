import { HubApiError } from "@huggingface/hub";
import { ModelError } from "../errors.ts";
import type { HubModel } from "./cached-snapshot.ts";
import type { HubAccess } from "./hub-access.ts";

const OTHERWISE =
  "name a folder that has the model: model.path=FOLDER, or take the checkpoint of this package: model.weights=bundled";

/** What went wrong with a request: the hub refused it, or it could not be reached. The token stands in neither. */
export function hubFault(error: unknown, model: HubModel, hub: HubAccess): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof HubApiError) return refused(error, model, hub);
  return unreachable(model, hub, reasonOf(error), error);
}

export function unreachable(model: HubModel, hub: HubAccess, reason: string, cause?: unknown): ModelError {
  return new ModelError("MODEL_HUB_UNREACHABLE", `the hub cannot be reached: ${reason}`, {
    where: `${hub.hubUrl}, for ${model.repo}`,
    fix: `check the network and HF_ENDPOINT, or ${OTHERWISE}`,
    cause,
  });
}

function refused(error: HubApiError, { repo, revision }: HubModel, hub: HubAccess): ModelError {
  const { statusCode } = error;
  const where = `${hub.hubUrl}/${repo}, revision ${revision}: status ${statusCode}`;
  if (statusCode >= 500 || statusCode === 429) {
    return new ModelError("MODEL_HUB_UNREACHABLE", "the hub is out of order", {
      where,
      fix: `try again later, or ${OTHERWISE}`,
      cause: error,
    });
  }
  const noToken = hub.token === undefined;
  const closed = statusCode === 401 || statusCode === 403;
  return new ModelError(
    "MODEL_HUB_REFUSED",
    closed
      ? `the hub does not give ${repo} to ${noToken ? "anybody without a token" : "the owner of this token"}`
      : `the hub has no repository ${repo} with a revision ${revision}`,
    {
      where,
      fix: closed
        ? "set HF_TOKEN to a token of somebody who may read it, and accept its terms on its page"
        : `model.repo=OWNER/NAME model.revision=main, or ${OTHERWISE}`,
      cause: error,
    },
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  const { cause } = error;
  return cause instanceof Error ? cause.message || cause.name : error.message;
}
