import { sep } from "node:path";
import type { FollowerReport } from "../tracking/index.ts";
import { formatCount } from "./format.ts";

/** What a remote has got of a run, and the command that opens it or sends the rest. */
export function reportLine({ remote, recorded, sent, pending, refused, command }: FollowerReport): string {
  const counts = [
    `${formatCount(recorded)} points recorded`,
    `${formatCount(sent)} sent now`,
    `${formatCount(pending)} records wait`,
    ...(refused > 0 ? [`${formatCount(refused)} refused`] : []),
  ];
  const here = process.cwd() + sep;
  // A folder stands in the command already.
  const place = remote.includes("://") ? `${remote}: ` : "";
  return `${place}${counts.join(", ")}   ${command.replace(here, "")}`;
}
