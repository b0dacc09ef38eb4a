// Runs the checks of a construct's props and puts the construct in front of the error. The rules themselves are in rules.ts
// and durations.ts.
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** Throws unless the value can work; `what` names the value in the message. */
export type Rule = (value: unknown, what: string) => void;

/** Rules for the fields whose types allow values that cannot work. */
export type Rules<T> = { readonly [Field in keyof T]?: Rule };

/** Makes the message of an error begin with the kind and the path of the construct. */
export function inConstruct<T>(kind: string, { node }: Construct, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${kind} ${node.path}: ${(error as Error).message}`, { cause: error });
  }
}

export function checkFields<T extends object>(fields: T, rules: Rules<T>, prefix = ''): void {
  for (const [name, rule] of Object.entries(rules) as [string, Rule][])
    rule(fields[name as keyof T], `${prefix}${name}`);
}

/** A rule for an object whose fields have rules. */
export const fieldsOf =
  <T extends object>(rules: Rules<T>): Rule =>
  (object, what) =>
    checkFields(object as T, rules, `${what}.`);

/** A rule for a list whose values have a rule. */
export const listOf =
  (rule: Rule): Rule =>
  (list, what) => {
    for (const [index, value] of (list as readonly unknown[]).entries()) rule(value, `${what}[${index}]`);
  };

/** The same rule for a value that may be absent. */
export const optional =
  (rule: Rule): Rule =>
  (value, what) => {
    if (value !== undefined) rule(value, what);
  };

/** Throws if the chart has another construct of the same class, which would create objects with the same names. */
export function checkOnlyOne(kind: string, construct: Construct): void {
  const isSame = (other: Construct) => other !== construct && other.constructor === construct.constructor;
  const other = Chart.of(construct).node.findAll().find(isSame);
  if (other)
    inConstruct(kind, construct, () => {
      throw new Error(`${other.node.path} creates objects with the same names in this chart; keep only one of them`);
    });
}
