// Checks the fields of an object of the API server that this project reads: they reveal a CRD of another version, or a response
// that is not the API server's. The CRD has validated the object.
import { isDnsLabel } from '../values/dns-name.ts';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';

/** Undefined for a valid value; else the path of the invalid field and the problem: `.counter must be a string`. */
export type Check = (value: unknown) => string | undefined;
export type Checks<T> = { readonly [Name in keyof T]-?: Check };

const timestamp = new RegExp(TIMESTAMP_PATTERN);
export const text: Check = must((value) => typeof value === 'string', 'a string');
/** What the API server allows. Other programs print it and put it into paths and command lines. */
export const label: Check = must((value) => typeof value === 'string' && isDnsLabel(value), 'a DNS label');
export const time: Check = must(
  (value) => typeof value === 'string' && timestamp.test(value),
  'a time like 2026-01-02T03:04:05Z',
);

export function must(isRight: (value: unknown) => boolean, what: string): Check {
  return (value) => (isRight(value) ? undefined : ` must be ${what}`);
}

export function integer(least: number, most: number): Check {
  const isRight = (value: unknown) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return must(isRight, `a whole number from ${least} to ${most}`);
}

export function oneOf(...texts: readonly string[]): Check {
  return must((value) => texts.some((one) => one === value), texts.join(' or '));
}

export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

export function list(item: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return ' must be a list';
    for (let index = 0; index < value.length; index++) {
      const wrong = item(value[index]);
      if (wrong !== undefined) return `.${index}${wrong}`;
    }
    return undefined;
  };
}

/** Other fields are accepted: a newer version of the API may have them. */
export function fields(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return ' must be an object';
    for (const [name, check] of entries) {
      const wrong = check(value[name as keyof typeof value]);
      if (wrong !== undefined) return `.${name}${wrong}`;
    }
    return undefined;
  };
}
