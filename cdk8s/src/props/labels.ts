// What labels may be, which the API server refuses otherwise.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
import { checkIsText, type Rule } from './rules.ts';
import { recordOf } from './shapes.ts';

const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Of objects, of nodes, of pods that are meant. */
export const checkLabels: Rule = (labels, what) => {
  recordOf(checkLabelValue)(labels, what);
  for (const key of Object.keys(labels as object))
    if (!LABEL_KEY.test(key))
      throw new Error(`${what} has the key "${key}", which no label has: write it like app or example.com/app`);
};

function checkLabelValue(value: unknown, what: string): void {
  checkIsText(value, what);
  if (!LABEL_VALUE.test(value))
    throw new Error(
      `${what} is "${value}", which no label can be: write 63 letters, digits, hyphens, dots and underscores at most, with a letter or digit at either end`,
    );
}
