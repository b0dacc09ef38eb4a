// What props look like as a whole: which there are, which may be left out, what is inside of lists and objects. A rule for
// each is what the types ask for, so that none is forgotten.
import type { Construct } from 'constructs';
import { isSlipOf } from './misspelling.ts';
import { checkList, inProps, listed, type Rule, shown } from './rules.ts';

/** One rule for each prop. */
export type Shape<T> = { readonly [Prop in keyof T]-?: Rule };

/** Throws a sentence on the first prop of a construct that cannot work. */
export function checkProps<T extends object>(kind: string, construct: Construct, props: T, shape: Shape<T>): void {
  inProps(kind, construct, () => checkOptions(props, shape, 'the props'));
}

/** As of a construct, where what is thrown is told of something else. */
export function checkOptions<T extends object>(options: T, shape: Shape<T>, what = 'the options'): void {
  if (Object.prototype.toString.call(options) !== '[object Object]')
    throw new Error(`${what} are ${shown(options)}: ${advice(shape)}`);
  const names = Object.keys(shape);
  // Others are no fault: constructs of one's own pass theirs on, with what they add.
  for (const written of Object.keys(options).filter((name) => !names.includes(name)))
    for (const name of names) if (isSlipOf(written, name)) throw new Error(`has no prop "${written}": write ${name}`);
  checkFields(options, shape);
}

function advice<T>(shape: Shape<T>): string {
  const needed = rulesOf(shape).flatMap(([name, rule]) => (optionals.has(rule) ? [] : [name]));
  return needed.length === 0 ? 'write an object, or leave them out' : `write an object with ${listed(needed, 'and')}`;
}

const optionals = new WeakSet<Rule>();

/** May be left out. */
export function optional(rule: Rule): Rule {
  const optionally: Rule = (value, what) => {
    if (value !== undefined) rule(value, what);
  };
  optionals.add(optionally);
  return optionally;
}

export const listOf =
  (rule: Rule): Rule =>
  (list, what) => {
    checkList(list, what);
    for (const [index, value] of list.entries()) rule(value, `${what}[${index}]`);
  };

/** With one value at least. */
export const filledListOf =
  (rule: Rule): Rule =>
  (list, what) => {
    listOf(rule)(list, what);
    if ((list as unknown[]).length === 0) throw new Error(`${what} is empty: give it one at least`);
  };

/** With these fields and no others. */
export const objectOf =
  <T extends object>(shape: Shape<T>): Rule =>
  (object, what) => {
    checkIsObject(object, what);
    const unknown = Object.keys(object).find((name) => !(name in shape));
    if (unknown !== undefined)
      throw new Error(`${what} has "${unknown}", which is not known there: write ${listed(Object.keys(shape), 'or')}`);
    objectWith(shape)(object, what);
  };

/** With these fields, and others of which nothing is asked. */
export const objectWith =
  <T extends object>(shape: Shape<T>): Rule =>
  (object, what) => {
    checkIsObject(object, what);
    checkFields(object, shape, `${what}.`);
  };

/** With fields of any name. */
export const recordOf =
  (rule: Rule): Rule =>
  (object, what) => {
    checkIsObject(object, what);
    for (const [name, value] of Object.entries(object)) rule(value, `${what}.${name}`);
  };

/** As cdk8s can render it: not a list, a Map, a Date. */
function checkIsObject(value: unknown, what: string): asserts value is object {
  if (typeof value !== 'object' || value?.constructor?.name !== 'Object')
    throw new Error(`${what} is ${shown(value)}: write a plain object`);
}

function checkFields<T>(object: object, shape: Shape<T>, prefix = ''): void {
  const fields = object as Readonly<Record<string, unknown>>;
  for (const [name, rule] of rulesOf(shape)) rule(fields[name], `${prefix}${name}`);
}

const rulesOf = <T>(shape: Shape<T>) => Object.entries<Rule>(shape);
