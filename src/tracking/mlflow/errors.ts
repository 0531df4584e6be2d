import { TtmError, type TtmErrorOptions } from "../../core/index.ts";

export type MlflowErrorCode =
  | "MLFLOW_URI"
  | "MLFLOW_SETTING"
  | "MLFLOW_UNREACHABLE"
  | "MLFLOW_TLS"
  | "MLFLOW_UNAUTHENTICATED"
  | "MLFLOW_FORBIDDEN"
  | "MLFLOW_HOST_REFUSED"
  | "MLFLOW_NOT_MLFLOW"
  | "MLFLOW_REDIRECTED"
  | "MLFLOW_EXPERIMENT_DELETED"
  | "MLFLOW_RUN_GONE"
  | "MLFLOW_NOT_FOUND"
  | "MLFLOW_EXISTS"
  | "MLFLOW_REFUSED"
  | "MLFLOW_TOO_LARGE"
  | "MLFLOW_THROTTLED"
  | "MLFLOW_SERVER_FAULT"
  | "MLFLOW_BAD_ANSWER"
  | "MLFLOW_NO_ARTIFACTS"
  | "MLFLOW_ARTIFACT_STORE"
  | "MLFLOW_NAME_CHANGED";

/**
 * What to do about a fault:
 * - `transient`: the same request may succeed later;
 * - `tooLarge`: a smaller one may;
 * - `refused`: this content never will;
 * - `paused`: nothing will until somebody mends the settings or the login;
 * - `permanent`: this run is over for this server.
 */
export type MlflowFaultKind = "transient" | "tooLarge" | "refused" | "paused" | "permanent";

export interface MlflowErrorOptions extends TtmErrorOptions {
  readonly kind: MlflowFaultKind;
  /** False where the request cannot have had any effect; true where the server may have done it. */
  readonly maybeDone?: boolean;
  readonly status?: number;
  /** MLflow's own `error_code`. */
  readonly errorCode?: string;
  readonly retryAfterMilliseconds?: number;
}

/** A fault between us and an MLflow server. Never holds a token or a password. */
export class MlflowError extends TtmError<MlflowErrorCode> {
  readonly kind: MlflowFaultKind;
  readonly maybeDone: boolean;
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  readonly retryAfterMilliseconds: number | undefined;

  constructor(code: MlflowErrorCode, what: string, options: MlflowErrorOptions) {
    super(code, what, options);
    this.kind = options.kind;
    this.maybeDone = options.maybeDone ?? true;
    this.status = options.status;
    this.errorCode = options.errorCode;
    this.retryAfterMilliseconds = options.retryAfterMilliseconds;
  }
}
