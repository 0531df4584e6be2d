import { TtmError } from "../core/index.ts";

export type DataErrorCode =
  | "DATA_NO_SOURCE"
  | "DATA_FILE_NOT_FOUND"
  | "DATA_DOWNLOAD_FAILED"
  | "DATA_CHECKSUM"
  | "DATA_UNSUPPORTED"
  | "DATA_EMPTY_FILE"
  | "DATA_BAD_CSV"
  | "DATA_RAGGED_ROW"
  | "DATA_NO_COLUMN"
  | "DATA_COLUMN_TWICE"
  | "DATA_NOT_A_NUMBER"
  | "DATA_NO_VALUES"
  | "DATA_BAD_TIME"
  | "DATA_BAD_SPLIT"
  | "DATA_TOO_FEW_ROWS"
  | "DATA_WRONG_SCALER";

/** A fault in a data file or in the settings that describe it. */
export class DataError extends TtmError<DataErrorCode> {}
