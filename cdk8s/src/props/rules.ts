// What single props must be, wherever a construct takes them: each rule throws a sentence that says how to mend the prop.
import { inspect } from 'node:util';
import { isDnsLabel, isDnsSubdomain, MAX_DNS_SUBDOMAIN } from '@konductor/schema';
import { Chart } from 'cdk8s';
import type { IServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';

/** Throws unless the value can stand there; `what` is how the sentence names it. */
export type Rule = (value: unknown, what: string) => void;

/** Of an int32, as which the API server counts. */
export const MAX_COUNT = 2 ** 31 - 1;
const MAX_PORT = 65_535;
const IMAGE_EXAMPLE = 'registry.example.com/koncli:0.1.0';

/** Has what a check throws begin with the construct that it is about. */
export function inProps<T>(kind: string, { node }: Construct, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${kind} ${node.path}: ${(error as Error).message}`, { cause: error });
  }
}

/** What a prop is that has not the type it should have, for messages. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: -1 });
}

/** Plain JavaScript gives lists that are none. */
export function checkList(list: unknown, what: string): asserts list is readonly unknown[] {
  if (!Array.isArray(list)) throw new Error(`${what} is ${shown(list)}: write a list`);
}

/** It may be empty. */
export function checkIsText(text: unknown, what: string): asserts text is string {
  if (typeof text !== 'string') throw new Error(`${what} is ${shown(text)}: write text`);
}

/** A command, which must be something. */
export function checkText(text: unknown, what: string): asserts text is string {
  checkIsText(text, what);
  if (text.trim() === '') throw new Error(`${what} is empty: say which`);
}

/** Of objects whose names are labels elsewhere, or parts of other names. */
export function checkName(name: unknown, what: string): asserts name is string {
  checkIsText(name, what);
  if (!isDnsLabel(name))
    throw new Error(
      `${what} "${name}" is no DNS label: write 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end`,
    );
}

/** Of objects whose names may have dots. */
function checkReference(name: unknown, what: string, kind: string): void {
  checkIsText(name, what);
  if (!isDnsSubdomain(name))
    throw new Error(
      `${what} has "${name}", which names no ${kind}: write lower-case letters, digits, hyphens and dots, ${MAX_DNS_SUBDOMAIN} at most`,
    );
}

export const checkSecretName: Rule = (name, what) => checkReference(name, what, 'Secret');
export const checkPriorityClass: Rule = (name, what) => checkReference(name, what, 'PriorityClass');
export const checkAccountName: Rule = (name, what) => checkReference(name, what, 'ServiceAccount');

/** With which images are pulled. */
export function checkSecretNames(names: unknown, what: string): void {
  checkList(names, what);
  for (const name of names) checkSecretName(name, what);
}

/** What a role can be bound to. */
export const checkAccount: Rule = (account, what) => {
  if (typeof (account as Partial<IServiceAccount> | null | undefined)?.toSubjectConfiguration !== 'function')
    throw new Error(`${what} is ${shown(account)}: give a ServiceAccount`);
};

/** What a registry's name for an image cannot have in it, the API server takes, and no kubelet can pull. */
export function checkImage(image: unknown, what: string): asserts image is string {
  checkText(image, what);
  if (/\s/.test(image))
    throw new Error(`${what} is "${image}", which has blanks in it: write it like ${IMAGE_EXAMPLE}`);
}

/** A whole number that is not below the least, and that the API server can store. */
export const wholeNumber =
  (least: number, most = MAX_COUNT): Rule =>
  (count, what) => {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < least)
      throw new Error(`${what} is ${shown(count)}: write a whole number that is ${least} or more`);
    if (count > most) throw new Error(`${what} is ${count}: write ${most} at most`);
  };

export const checkCount = wholeNumber(0);
export const checkPort = wholeNumber(1, MAX_PORT);

export const checkFlag: Rule = (flag, what) => {
  if (typeof flag !== 'boolean') throw new Error(`${what} is ${shown(flag)}: write true or false`);
};

export const oneOf =
  (...texts: readonly string[]): Rule =>
  (text, what) => {
    if (!texts.some((one) => one === text)) throw new Error(`${what} is ${shown(text)}: write ${listed(texts, 'or')}`);
  };

/** `a, b or c`. */
export function listed(texts: readonly string[], last: 'and' | 'or'): string {
  return texts.join(', ').replace(/, ([^,]*)$/, ` ${last} $1`);
}

/** Throws where the chart has another one of its class. */
export function checkOnlyOne(kind: string, construct: Construct): void {
  const isSame = (other: Construct) => other !== construct && other.constructor === construct.constructor;
  const other = Chart.of(construct).node.findAll().find(isSame);
  if (other)
    inProps(kind, construct, () => {
      throw new Error(`${other.node.path} makes objects of the same names in this chart: leave one of both out`);
    });
}
