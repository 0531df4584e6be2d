import { didYouMean } from "../../core/index.ts";
import type { Element, Span } from "./ast.ts";
import { CallFault } from "./faults.ts";
import { kindName } from "./order.ts";

/** Which elements a parameter takes, and what to call them in an error. */
export interface Accepted {
  readonly label: string;
  readonly test: (element: Element) => boolean;
}

export interface Parameter {
  readonly accepts: Accepted;
  readonly required?: boolean;
}

export interface Signature {
  /** Takes any number of positional arguments; the named parameters can then only be given by name. */
  readonly rest?: Accepted;
  /** In positional order. */
  readonly named: Readonly<Record<string, Parameter>>;
}

export interface Argument {
  readonly name: string | null;
  readonly value: Element;
  readonly span: Span;
}

/** The arguments, each in its place. An optional one given as null counts as not given. */
export interface Bound {
  readonly rest: readonly Element[];
  readonly named: ReadonlyMap<string, Element>;
}

/**
 * Puts arguments to parameters as Python does, and checks what they are. Of one name given twice the last
 * counts, as in Hydra.
 *
 * @throws {CallFault} for one too many, one missing, one given by place and by name, an unknown name, or a wrong kind
 */
export function bind(call: string, signature: Signature, args: readonly Argument[]): Bound {
  const names = Object.keys(signature.named);
  const given = new Map<string, Argument>();
  const rest: Argument[] = [];
  for (const argument of args) {
    const name = argument.name ?? (signature.rest ? null : names[given.size]);
    if (name === null) rest.push(argument);
    else if (name === undefined) throw tooMany(call, names, argument.span);
    else if (!names.includes(name)) throw unknownName(call, names, argument.span, name);
    else if (given.get(name)?.name === null)
      throw new CallFault(`'${name}' is given twice`, { span: argument.span });
    else given.set(name, argument);
  }
  for (const argument of rest) check(call, signature.rest, argument);
  const named = new Map<string, Element>();
  for (const [name, { accepts, required }] of Object.entries(signature.named)) {
    const argument = given.get(name);
    if (argument === undefined && required) throw new CallFault(`${call}() needs '${name}'`);
    if (argument === undefined) continue;
    check(call, accepts, argument);
    if (!isNull(argument.value)) named.set(name, argument.value);
  }
  return { rest: rest.map((argument) => argument.value), named };
}

function check(call: string, accepts: Accepted | undefined, { value, span }: Argument): void {
  if (accepts === undefined || accepts.test(value)) return;
  throw new CallFault(`${call}() takes ${accepts.label} here, not ${kindName(value)}`, { span });
}

function tooMany(call: string, names: readonly string[], span: Span): CallFault {
  return new CallFault(`${call}() takes at most ${names.length} arguments: ${names.join(", ")}`, { span });
}

function unknownName(call: string, names: readonly string[], span: Span, name: string): CallFault {
  const offer = names.length === 0 ? "it takes none by name" : `it takes ${names.join(", ")}`;
  const fix = [didYouMean(name, names), offer].filter((part) => part !== undefined).join(" ");
  return new CallFault(`${call}() has no parameter '${name}'`, { fix, span });
}

function isNull(element: Element): boolean {
  return element.kind === "scalar" && element.value === null;
}
