/** Extensions: where Hydra refuses what we take. Each kind of corpus has its own form of the rule. */
export const beyondHydra = {
  unquotedText: {
    name: "unquoted-text",
    reason:
      "Hydra's lexer knows ASCII letters and few signs; we take any text that cannot mean something else",
  },
  ownFunctions: {
    name: "own-functions",
    reason:
      "Hydra 1.3 has no such function or resolver; we change lists, zip sweeps and compute with expressions",
  },
  keyFlag: {
    name: "key-flag",
    reason: "Hydra refuses --key value; we read it as key=value where no flag has that name",
  },
  fileMarkers: {
    name: "file-markers",
    reason:
      "Hydra refuses !append and the other tags that say how a value meets the one before it; we take them",
  },
} as const;
