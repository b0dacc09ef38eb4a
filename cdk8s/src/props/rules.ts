// Rules for names, images and counts: values that TypeScript accepts, and that would fail late or be accepted silently.
// Everything that types or the API server reject is left to them (docs/decisions/0028-checked-props.md).
import { inspect } from 'node:util';
import { isDnsLabel, isDnsSubdomain, MAX_DNS_SUBDOMAIN } from '@konductor/schema';
import { listOf, type Rule } from './check-props.ts';

/** The largest int32, the type of every count in the API. */
export const MAX_COUNT = 2 ** 31 - 1;
const EXAMPLE_IMAGE = 'registry.example.com/koncli:0.1.0';

const isText = (value: unknown): value is string => typeof value === 'string';

/** A value as messages show it. */
export const shown = (value: unknown) => (isText(value) ? JSON.stringify(value) : inspect(value, { depth: -1 }));

/** The name of a namespace, or one that becomes a label or a part of other names. */
export const checkName: Rule = (name, what) => {
  if (!isText(name) || !isDnsLabel(name))
    throw new Error(
      `${what} ${shown(name)} is not a DNS label; use 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends`,
    );
};

const nameOf =
  (kind: string): Rule =>
  (name, what) => {
    if (!isText(name) || !isDnsSubdomain(name))
      throw new Error(
        `${what} ${shown(name)} is not a valid name of a ${kind}; use at most ${MAX_DNS_SUBDOMAIN} lowercase letters, digits, hyphens and dots`,
      );
  };

export const checkSecretName = nameOf('Secret');
export const checkSecretNames = listOf(checkSecretName);
export const checkPriorityClass = nameOf('PriorityClass');
export const checkAccountName = nameOf('ServiceAccount');

/** One of a few words, which the types of other languages do not know. */
export const oneOf =
  (...words: readonly string[]): Rule =>
  (value, what) => {
    if (!words.includes(value as string))
      throw new Error(
        `${what} is ${shown(value)}; use ${words
          .map((word) => `"${word}"`)
          .join(', ')
          .replace(/, (?=[^,]*$)/, ' or ')}`,
      );
  };

export const checkDelivery = oneOf('imageVolume', 'initContainer');
export const checkWorkerPolicy = oneOf('Keep', 'Release', 'Fail');

/** Text that is not blank, or a list that has values. */
export const checkFilled: Rule = (value, what) => {
  const length = isText(value) ? value.trim().length : (value as readonly unknown[] | null)?.length;
  if (!length) throw new Error(`${what} must not be empty`);
};

/** The API server accepts an image with whitespace, which no kubelet can pull. */
export const checkImage: Rule = (image, what) => {
  if (!isText(image) || !/^\S+$/.test(image))
    throw new Error(`${what} ${shown(image)} is not an image reference; write it like ${EXAMPLE_IMAGE}`);
};

/** An integer from `least` to the largest int32. */
export const countFrom =
  (least: number): Rule =>
  (count, what) => {
    if (!Number.isInteger(count) || (count as number) < least || (count as number) > MAX_COUNT)
      throw new Error(`${what} is ${shown(count)}; it must be an integer from ${least} to ${MAX_COUNT}`);
  };

export const checkCount = countFrom(0);
