/** What a follower has done with a run. */
export interface FollowerReport {
  /** The remote, without secrets: an address or a folder. */
  readonly remote: string;
  /** Metric points in the run's journal. */
  readonly recorded: number;
  /** Metric points that this process delivered. */
  readonly sent: number;
  /** Items that the remote would not take; they stand in the follower's `rejects.jsonl`. */
  readonly refused: number;
  /** Journal records that wait for `ttm sync`. */
  readonly pending: number;
  /** The command that opens the run, or sends what is left of it. */
  readonly command: string;
}

/** A remote that is fed from a run's journal: it reads behind its own cursor, at its own pace, and has its own errors. */
export interface Follower {
  /** The journal has grown to `size` bytes. */
  wake(size: number): void;
  /** The journal has its last record: sends what is left, waits at most the follower's own deadline, warns of what remains. Never throws. */
  finish(): Promise<FollowerReport>;
}

/** The run that a follower reads. */
export interface FollowedRun {
  readonly runDir: string;
  readonly journalPath: string;
}
