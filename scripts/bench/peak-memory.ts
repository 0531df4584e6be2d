import { readFileSync } from "node:fs";

/** Largest resident memory that this process had so far, its worker threads included, in MB. */
export function peakMemory(): number {
  try {
    const line = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
    if (line) return Math.round(Number(line[1]) / 1024);
  } catch {
    // no /proc outside of Linux
  }
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
