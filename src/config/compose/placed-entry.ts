import type { Origin } from "../origin.ts";
import type { DefaultsEntry } from "./defaults-entry.ts";

const GLOBAL = "_global_";

/** Where the config that contains an entry stands. */
export interface Placement {
  /** The group that relative groups are looked up in; "" is the root. */
  readonly group: string;
  /** The dotted place of its content; "" is the root. */
  readonly package: string;
}

/**
 * A line of a defaults list in its place in the tree: which file it names, where its content goes, and under which key
 * it can be overridden. The choice and the file's header are filled in while the tree is built.
 */
export class PlacedEntry {
  readonly entry: DefaultsEntry;
  readonly placement: Placement;
  readonly primary: boolean;
  /** A group's option; null for none. For a config entry its path. */
  choice: string | null | readonly string[];
  /** Who made the choice: the line itself, a later `override`, or a word. */
  chosenBy: Origin;
  /** The package that the file's header asks for. */
  header: string | null = null;
  /** Deleted on the command line, or optional and absent. */
  deleted = false;

  constructor(entry: DefaultsEntry, placement: Placement, primary = false) {
    this.entry = entry;
    this.placement = placement;
    this.primary = primary;
    this.chosenBy = entry.origin;
    this.choice = entry.kind === "group" ? entry.value : entry.path;
  }

  get origin(): Origin {
    return this.entry.origin;
  }

  get isSelf(): boolean {
    return this.entry.kind === "config" && this.entry.path === "_self_";
  }

  /** A list of options. */
  get isMulti(): boolean {
    return typeof this.choice !== "string" && this.choice !== null;
  }

  get isInterpolated(): boolean {
    return typeof this.choice === "string" && this.choice.includes("${");
  }

  /** The option's or config's own name; null for an empty choice. */
  get name(): string | null {
    if (this.entry.kind === "group") return typeof this.choice === "string" ? this.choice : null;
    const path = String(this.choice);
    return path.slice(path.lastIndexOf("/") + 1);
  }

  get isMissing(): boolean {
    return this.name === "???";
  }

  /** The group as it is looked up: that of the containing config before it, unless it starts with `/`. */
  get groupPath(): string {
    return this.#lookedUp(this.#group);
  }

  /** The file's path below a source, without `.yaml`. */
  get configPath(): string {
    if (this.entry.kind === "group") return `${this.groupPath}/${this.name}`;
    return this.#lookedUp(String(this.choice));
  }

  /** Where the content goes. */
  get package(): string {
    return this.#finalPackage(this.header);
  }

  /** `db`, `server/db`, `db@src`: what an override must say to mean this entry. */
  get overrideKey(): string {
    const group = this.groupPath;
    const place = this.#finalPackage(null);
    return place === group.replaceAll("/", ".") ? group : `${group}@${place === "" ? GLOBAL : place}`;
  }

  /** As it is shown in a tree: `db: pg` or `base`. */
  get label(): string {
    if (this.entry.kind === "config") return this.isSelf ? "_self_" : this.configPath;
    const choice =
      typeof this.choice === "string" || this.choice === null ? this.choice : this.choice.join(",");
    return `${this.overrideKey}: ${choice ?? "null"}`;
  }

  /** The written group, or the folder of a config entry; with its leading `/`. */
  get #group(): string {
    if (this.entry.kind === "group") return this.entry.group;
    const path = String(this.choice);
    const end = path.lastIndexOf("/");
    return end === -1 ? "" : path.slice(0, end) || "/";
  }

  #lookedUp(path: string): string {
    if (path.startsWith("/")) return path.slice(1);
    const { group } = this.placement;
    if (group === "") return path;
    return path === "" ? group : `${group}/${path}`;
  }

  #finalPackage(header: string | null): string {
    const parent = this.placement.package;
    const piece = this.#packagePiece(header);
    const joined = parent === "" || piece === "" ? parent + piece : `${parent}.${piece}`;
    const global = joined.lastIndexOf(GLOBAL);
    return global === -1 ? joined : joined.slice(global + GLOBAL.length + 1);
  }

  #packagePiece(header: string | null): string {
    const written = this.entry.package;
    if (written === "_here_") return "";
    if (written?.includes("_group_")) {
      return `${GLOBAL}.${written.replaceAll("_group_", this.groupPath.replaceAll("/", "."))}`;
    }
    if (written !== null) return written;
    if (header !== null) return header.startsWith(GLOBAL) ? header : `${GLOBAL}.${header}`;
    return this.#group.replace(/^\//, "").replaceAll("/", ".");
  }
}
