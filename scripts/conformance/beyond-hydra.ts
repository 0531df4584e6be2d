/** Extensions: where Hydra refuses what we take. Each kind of corpus has its own form of the rule. */
export const beyondHydra = {
  unquotedText: {
    name: "unquoted-text",
    reason:
      "Hydra's lexer knows ASCII letters and few signs; we take any text that cannot mean something else",
  },
  extensions: {
    name: "extensions",
    reason:
      "Hydra 1.3 refuses changes of lists (append(…), ~l.0, !append), zip(…) and expressions; we take them",
  },
  keyFlag: {
    name: "key-flag",
    reason: "Hydra refuses --key value; we read it as key=value where no flag has that name",
  },
} as const;
