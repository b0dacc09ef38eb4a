// The metrics and the expressions on them, as Prometheus' own linter and parser see them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { declaredMetrics, shipped } from '../../scripts/reference/metrics.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const LIMIT = { timeout: 540_000 };
/** The names of controller-runtime and client-go are not ours. */
const isOwn = (line: string) => line.startsWith('konductor_');

function lint(input: string, ...expressions: string[]): string[] {
  const cwd = join(import.meta.dirname, 'promlint');
  const { stdout, stderr, status } = spawnSync('go', ['run', '.', ...expressions], { cwd, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

it.skipIf(!hasGo)('the metrics follow the conventions of Prometheus', LIMIT, async () => {
  const { body = '' } =
    (await declaredMetrics().routes()['/metrics']?.({ path: '/metrics', authorization: undefined })) ?? {};
  expect(lint(body).filter(isOwn)).toEqual([]);
  expect(lint('# TYPE konductor_a counter\nkonductor_a 1\n')).toHaveLength(2);
});

it.skipIf(!hasGo)('the expressions of alerts and panels parse', LIMIT, () => {
  const { alerts, panels } = shipped();
  const expressions = [
    ...alerts.map(({ expr }) => expr),
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  expect(expressions.length).toBeGreaterThan(25);
  expect(lint('', ...expressions)).toEqual([]);
  expect(lint('', 'sum(rate(a[5m])')).toHaveLength(1);
});
