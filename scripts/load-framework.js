// Stands in dist as `load-framework.js`. Loads what composes and runs apps, which `bundle.js` has joined into one script, with V8's
// code cache: its functions need not be compiled again in every process, which is a third of what a command has to do.

// Not imported: the module form of a builtin module takes a millisecond to make.
const builtin = (name) => process.getBuiltinModule(name);
const { readFileSync, renameSync, rmSync, writeFileSync } = builtin("node:fs");
const { createRequire } = builtin("node:module");
const { fileURLToPath } = builtin("node:url");
const { constants, Script } = builtin("node:vm");

/** The bundler puts the script's name here, which holds a hash of its text. */
const file = fileURLToPath(new URL(FRAMEWORK_FILE, import.meta.url));
/** V8 takes only what the same version made on the same kind of machine. */
const cacheFile = file.replace(/cjs$/, `${process.version}-${process.arch}.cache`);

function cachedCode() {
  try {
    return readFileSync(cacheFile);
  } catch {
    return undefined;
  }
}

function evaluate() {
  const cachedData = cachedCode();
  const source = `(function (exports, require, module, __filename) {${readFileSync(file, "utf8")}\n})`;
  const script = new Script(source, {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file);
  if (cachedData === undefined || script.cachedDataRejected) process.once("exit", () => keep(script));
  return module.exports;
}

/** Written by the first command that ends, whole or not at all; a folder that cannot be written stays without. */
function keep(script) {
  const unfinished = `${cacheFile}.${process.pid}`;
  try {
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, cacheFile);
  } catch {
    rmSync(unfinished, { force: true });
  }
}

const modules = evaluate();

/** The exports of one of its modules, by its path in the folder: `app/index.js`. */
export function framework(path) {
  return modules[path]();
}
