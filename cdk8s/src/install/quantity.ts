// Amounts of CPU and memory, as Kubernetes writes them.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
/** Of an amount that is not negative. */
export const QUANTITY_PATTERN = '^([0-9]+\\.?[0-9]*|\\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+)?$';
const QUANTITY = new RegExp(QUANTITY_PATTERN);
const POWERS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** As a number; undefined when it is no amount. */
export function parseQuantity(text: string): number | undefined {
  const [, number, unit = ''] = QUANTITY.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * factorOf(unit);
}

function factorOf(unit: string): number {
  if (unit === 'm') return 1e-3;
  if (/^[eE]./.test(unit) && unit !== 'Ei') return Number(`1${unit}`);
  return unit.endsWith('i') ? 1024 ** POWERS.indexOf(unit[0]?.replace('K', 'k') ?? '') : 1000 ** POWERS.indexOf(unit);
}
