import { crc32 } from "node:zlib";
import { isJsonObject } from "../json-value.ts";
import type { JournalRecord } from "./journal-record.ts";

const PREFIX = '{"crc":"';
const MIDDLE = '","record":';
const RECORD_AT = PREFIX.length + 8 + MIDDLE.length;

/** A record as one line, newline included: `{"crc":"1a2b3c4d","record":{…}}`; the CRC-32 is over the UTF-8 bytes of `{…}`. */
export function encodeLine(record: JournalRecord): string {
  const text = JSON.stringify(record);
  return `${PREFIX}${checksum(text)}${MIDDLE}${text}}\n`;
}

/** The record in a line (without its newline), or undefined where the line is torn or damaged. */
export function decodeLine(line: Buffer): JournalRecord | undefined {
  const text = line.toString("utf8");
  if (!text.startsWith(PREFIX) || !text.endsWith("}") || text.slice(16, RECORD_AT) !== MIDDLE)
    return undefined;
  const body = line.subarray(RECORD_AT, -1);
  if (checksum(body) !== text.slice(PREFIX.length, 16)) return undefined;
  const record: unknown = JSON.parse(body.toString("utf8"));
  return isRecord(record) ? record : undefined;
}

function checksum(body: string | Buffer): string {
  return crc32(body).toString(16).padStart(8, "0");
}

/** The checksum vouches for what we wrote; a record of a type that a later version added is passed on and left alone by readers. */
function isRecord(value: unknown): value is JournalRecord {
  return isJsonObject(value) && typeof value["type"] === "string" && typeof value["time"] === "number";
}
