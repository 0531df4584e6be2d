import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Names one process so that others can tell later whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  /** For people: the machine's name. */
  readonly host: string;
  /** The kernel that can be asked about the pid: this start of this machine, and the pid namespace (a container has its own). */
  readonly kernel: string;
  /** Start of the process in kernel ticks, so that a pid used again is not taken for it; empty where that is not known. */
  readonly born: string;
}

let own: ProcessIdentity | undefined;

/** This process. */
export function thisProcess(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    host: hostname(),
    kernel: kernelIdentity(),
    born: birthOf(process.pid),
  };
  return own;
}

/**
 * Whether a process runs: `undefined` where this machine's kernel cannot be asked, because the process is another machine's or
 * another container's. A machine's name is no proof: containers share names, and a machine that was started again keeps its own.
 */
export function isRunning(identity: ProcessIdentity): boolean | undefined {
  if (identity.kernel !== thisProcess().kernel) return undefined;
  try {
    process.kill(identity.pid, 0);
  } catch (fault) {
    // EPERM: it is there, but somebody else's.
    if (!(fault instanceof Error && "code" in fault && fault.code === "EPERM")) return false;
  }
  return birthOf(identity.pid) === identity.born;
}

/** Linux has an id for each start of the machine; elsewhere the machine's name has to do. */
function kernelIdentity(): string {
  const boot = textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const namespace = textOf(() => readlinkSync("/proc/self/ns/pid"));
  return boot === "" ? hostname() : `${boot} ${namespace}`;
}

/** Field 22 of Linux' /proc/PID/stat; empty on other systems and for a zombie, which runs no more. */
function birthOf(pid: number): string {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
}

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
