import { execFile } from "node:child_process";
import { readFile, statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { promisify } from "node:util";

/** MLflow counts a megabyte as 10^6 bytes. */
const MEGABYTE = 1e6;
const GPU_MILLISECONDS = 5_000;
const GPU_FIELDS = ["utilization.gpu", "memory.used", "memory.total", "power.draw"];
/** nvidia-smi counts memory in MiB. */
const MIB = 1024 * 1024;

export interface SystemSamplerOptions {
  readonly everySeconds: number;
  /** Whose disk is watched. */
  readonly folder: string;
  readonly onSample: (values: Readonly<Record<string, number>>) => void;
}

/**
 * Samples the machine now and then: CPU and memory of process and machine, disk, network (Linux), and NVIDIA GPUs where `nvidia-smi` is
 * there. Names and units are MLflow's. What a system does not tell is left out.
 */
export class SystemSampler {
  readonly #options: SystemSamplerOptions;
  readonly #timer: NodeJS.Timeout;
  #cpu = cpuTimes();
  #process = process.cpuUsage();
  #at = performance.now();
  #gpus = true;
  #busy = false;
  #stopped = false;

  constructor(options: SystemSamplerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#sample(), 1_000 * options.everySeconds).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  async #sample(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const values = {
        ...this.#cpuValues(),
        ...memoryValues(),
        ...(await diskValues(this.#options.folder)),
        ...(await networkValues()),
        ...(await this.#gpuValues()),
      };
      if (!this.#stopped) this.#options.onSample(rounded(values));
    } finally {
      this.#busy = false;
    }
  }

  /** Shares of the time since the last sample; the process's own is of one core, so that it may be above 100. */
  #cpuValues(): Record<string, number> {
    const [before, now] = [this.#cpu, cpuTimes()];
    const used = process.cpuUsage(this.#process);
    const milliseconds = performance.now() - this.#at;
    this.#cpu = now;
    this.#process = process.cpuUsage();
    this.#at = performance.now();
    const total = now.total - before.total;
    return {
      ...(total > 0 ? { cpu_utilization_percentage: 100 * (1 - (now.idle - before.idle) / total) } : {}),
      process_cpu_utilization_percentage: (used.user + used.system) / 10 / Math.max(1, milliseconds),
    };
  }

  async #gpuValues(): Promise<Record<string, number>> {
    if (!this.#gpus) return {};
    const text = await askNvidia();
    this.#gpus = text !== undefined;
    return text === undefined ? {} : parseNvidia(text);
  }
}

function cpuTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.idle + times.user + times.sys + times.nice + times.irq;
  }
  return { idle, total };
}

function memoryValues(): Record<string, number> {
  const [total, used] = [totalmem(), totalmem() - freemem()];
  return {
    system_memory_usage_megabytes: used / MEGABYTE,
    system_memory_usage_percentage: (100 * used) / total,
    process_memory_usage_megabytes: process.memoryUsage.rss() / MEGABYTE,
  };
}

async function diskValues(folder: string): Promise<Record<string, number>> {
  try {
    const { blocks, bavail, bsize } = await statfs(folder);
    const [size, free] = [blocks * bsize, bavail * bsize];
    return {
      disk_usage_percentage: 100 * (1 - free / size),
      disk_usage_megabytes: (size - free) / MEGABYTE,
      disk_available_megabytes: free / MEGABYTE,
    };
  } catch {
    return {};
  }
}

/** Bytes since the machine started, of all interfaces but the loopback. */
async function networkValues(): Promise<Record<string, number>> {
  try {
    const lines = (await readFile("/proc/net/dev", "utf8")).split("\n").slice(2);
    let [received, sent] = [0, 0];
    for (const line of lines) {
      const [name, numbers] = line.split(":");
      if (numbers === undefined || name?.trim() === "lo") continue;
      const columns = numbers.trim().split(/\s+/);
      received += Number(columns[0]);
      sent += Number(columns[8]);
    }
    return { network_receive_megabytes: received / MEGABYTE, network_transmit_megabytes: sent / MEGABYTE };
  } catch {
    return {};
  }
}

async function askNvidia(): Promise<string | undefined> {
  try {
    const words = [`--query-gpu=${GPU_FIELDS.join(",")}`, "--format=csv,noheader,nounits"];
    const { stdout } = await promisify(execFile)("nvidia-smi", words, { timeout: GPU_MILLISECONDS });
    return stdout;
  } catch {
    return undefined;
  }
}

/** One line a GPU: utilization in percent, memory used and in all in MiB, power in watts. `[N/A]` is left out. */
export function parseNvidia(text: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [gpu, line] of text.trim().split("\n").entries()) {
    const [busy, used, total, watts] = line.split(",").map((field) => Number(field.trim()));
    const row = {
      utilization_percentage: busy,
      memory_usage_megabytes: ((used ?? Number.NaN) * MIB) / MEGABYTE,
      memory_usage_percentage: (100 * (used ?? Number.NaN)) / (total ?? Number.NaN),
      power_usage_watts: watts,
    };
    for (const [name, value] of Object.entries(row))
      if (value !== undefined && Number.isFinite(value)) values[`gpu_${gpu}_${name}`] = value;
  }
  return values;
}

/** One decimal. */
function rounded(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Math.round(10 * value) / 10]),
  );
}
