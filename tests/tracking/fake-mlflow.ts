import { MockAgent } from "undici";
import type { KeptRun } from "../contracts/tracker.ts";

export const FAKE_URI = "http://mlflow.test:5000";

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

interface Run {
  id: string;
  experiment: string;
  status: string;
  tags: Map<string, string>;
  params: Map<string, string>;
  points: { key: string; value: number | string; timestamp: number; step: number }[];
  artifacts: string[];
}

const ok = (body: unknown = {}): FakeAnswer => ({ status: 200, body: JSON.stringify(body) });
const refused = (status: number, error_code: string): FakeAnswer => ({
  status,
  body: JSON.stringify({ error_code, message: "refused" }),
});

/**
 * The protocol's shapes behind undici's MockAgent, as the recorded answers of a file-store server have them: points that are sent twice
 * are kept twice. `fault` may answer in its place, before the work or after it.
 */
export class FakeMlflow {
  readonly agent = new MockAgent();
  readonly requests: FakeRequest[] = [];
  readonly experiments = new Map<string, string>();
  readonly runs: Run[] = [];
  fault: (request: FakeRequest, when: "before" | "after") => FakeAnswer | undefined = () => undefined;

  constructor() {
    this.agent.disableNetConnect();
    const pool = this.agent.get(FAKE_URI);
    for (const method of ["GET", "POST", "PUT"]) {
      pool
        .intercept({ path: () => true, method })
        .reply((options) => {
          const answer = this.#answer(options.method, options.path, options.body, options.headers);
          return {
            statusCode: answer.status,
            data: answer.body,
            responseOptions: { headers: answer.headers ?? {} },
          };
        })
        .persist();
    }
  }

  get run(): Run {
    const run = this.runs[0];
    if (run === undefined) throw new Error("no run was created");
    return run;
  }

  kept(run: Run): KeptRun {
    const status = { FINISHED: "completed", FAILED: "failed", KILLED: "killed" }[run.status] ?? run.status;
    return {
      experiment: run.experiment,
      status,
      params: Object.fromEntries(run.params),
      tags: Object.fromEntries(run.tags),
      points: run.points.map(({ key, value, step, timestamp }) => ({
        name: key,
        value,
        step,
        time: timestamp,
      })),
      artifacts: run.artifacts,
    };
  }

  #answer(method: string, target: string, body: unknown, headers: unknown): FakeAnswer {
    const url = new URL(target, FAKE_URI);
    const request: FakeRequest = {
      method,
      path: url.pathname,
      query: url.searchParams,
      body: typeof body === "string" ? JSON.parse(body) : {},
      headers: Object.fromEntries(Object.entries(headers as Record<string, string>)),
    };
    this.requests.push(request);
    return this.fault(request, "before") ?? this.#work(request, this.fault);
  }

  #work(request: FakeRequest, fault: FakeMlflow["fault"]): FakeAnswer {
    const answer = this.#serve(request);
    return fault(request, "after") ?? answer;
  }

  #serve(request: FakeRequest): FakeAnswer {
    const { path, query, body } = request;
    const upload = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/7\/(\w+)\/artifacts\/(.+)$/.exec(path);
    if (upload !== null) {
      this.#find(upload[1])?.artifacts.push(decodeURIComponent(upload[2] ?? ""));
      return { status: 200, body: "" };
    }
    const run = this.#find(body["run_id"] ?? query.get("run_id"));
    switch (path.replace("/api/2.0/mlflow/", "")) {
      case "experiments/get-by-name": {
        const name = query.get("experiment_name") ?? "";
        const id = this.experiments.get(name);
        if (id === undefined) return refused(404, "RESOURCE_DOES_NOT_EXIST");
        return ok({ experiment: { experiment_id: id, name, lifecycle_stage: "active" } });
      }
      case "experiments/create":
        this.experiments.set(String(body["name"]), "7");
        return ok({ experiment_id: "7" });
      case "runs/search": {
        const [, tag, value] = /tags\.`(.+)` = '(.*)'/.exec(String(body["filter"])) ?? [];
        const found = this.runs.filter((it) => it.tags.get(tag ?? "") === value);
        return ok(found.length === 0 ? {} : { runs: found.map((it) => this.#json(it)) });
      }
      case "runs/create": {
        const made: Run = {
          id: (this.runs.length + 1).toString(16).padStart(32, "a"),
          experiment: [...this.experiments].find(([, id]) => id === body["experiment_id"])?.[0] ?? "",
          status: "RUNNING",
          tags: pairs(body["tags"]),
          params: new Map(),
          points: [],
          artifacts: [],
        };
        this.runs.push(made);
        return ok({ run: this.#json(made) });
      }
      case "runs/get":
        return run === undefined ? refused(404, "RESOURCE_DOES_NOT_EXIST") : ok({ run: this.#json(run) });
      case "runs/update":
        if (run !== undefined) run.status = String(body["status"]);
        return ok();
      case "runs/log-batch":
        return run === undefined ? refused(404, "RESOURCE_DOES_NOT_EXIST") : this.#logBatch(run, body);
      case "metrics/get-history":
        return ok({ metrics: run?.points.filter(({ key }) => key === query.get("metric_key")) });
      default:
        return { status: 404, body: "<!doctype html><title>404</title>" };
    }
  }

  #logBatch(run: Run, body: Record<string, unknown>): FakeAnswer {
    const metrics = (body["metrics"] ?? []) as Run["points"];
    if (metrics.length > 1_000) return refused(400, "INVALID_PARAMETER_VALUE");
    if (metrics.some(({ key }) => key === "bad")) return refused(400, "INVALID_PARAMETER_VALUE");
    const params = pairs(body["params"]);
    if (params.size > 100) return refused(400, "INVALID_PARAMETER_VALUE");
    for (const [key, value] of params) {
      if ((run.params.get(key) ?? value) !== value) return refused(400, "INVALID_PARAMETER_VALUE");
      run.params.set(key, value);
    }
    run.points.push(...metrics);
    for (const [key, value] of pairs(body["tags"])) run.tags.set(key, value);
    return ok();
  }

  #find(id: unknown): Run | undefined {
    return this.runs.find((it) => it.id === id);
  }

  #json(run: Run): unknown {
    const latest = new Map<string, Run["points"][number]>();
    for (const point of run.points) {
      const best = latest.get(point.key);
      if (
        best === undefined ||
        point.step > best.step ||
        (point.step === best.step && point.timestamp >= best.timestamp)
      ) {
        latest.set(point.key, point);
      }
    }
    return {
      info: {
        run_id: run.id,
        artifact_uri: `mlflow-artifacts:/7/${run.id}/artifacts`,
        lifecycle_stage: "active",
        status: run.status,
      },
      data: {
        metrics: [...latest.values()],
        params: [...run.params].map(([key, value]) => ({ key, value })),
        tags: [...run.tags].map(([key, value]) => ({ key, value })),
      },
    };
  }
}

function pairs(list: unknown): Map<string, string> {
  return new Map(((list ?? []) as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
}
