// What the steps with workers ask of the cluster, in the namespace of the run.
import { type Scenario, WITHIN } from './step.ts';

export type Target = Pick<Scenario, 'cluster' | 'namespace'>;

export const run = ({ cluster, namespace }: Target, ...args: string[]) => cluster.kubectl([...args, '-n', namespace]);
export const apply = ({ cluster, namespace }: Target, manifest: string) =>
  cluster.kubectl(['apply', '-n', namespace, '-f', '-'], manifest);
export const awaits = (target: Target, group: string, sign: string) =>
  run(target, 'wait', `--for=${sign}`, `waitgroup/${group}`, WITHIN);

export const statusOf = (target: Target, group: string) =>
  run(target, 'get', 'waitgroup', group, '-o', 'jsonpath={.status.counter} {.status.added} {.status.completions}');

/** Each with its tally. */
export async function recordsOf(target: Target, group: string): Promise<string[]> {
  const fields = ['worker', 'state', 'added', 'done', 'borrowed'].map((field) => `{.spec.${field}}`).join(' ');
  const path = `jsonpath={range .items[*]}${fields}{"\\n"}{end}`;
  const list = ['get', 'waitgroupworkers', `--field-selector=spec.waitGroup=${group}`, '-o', path];
  return (await run(target, ...list)).split('\n').filter(Boolean).sort();
}

/** What those of lost workers say. */
export const eventsOf = (target: Target, group: string) => {
  const selector = `--field-selector=involvedObject.kind=WaitGroup,involvedObject.name=${group},reason=WorkerLost`;
  return run(target, 'get', 'events', selector, '-o', 'jsonpath={.items[*].message}');
};

/** The messages of those on a Job or pod; '' if there are none. */
export const eventsOn = (target: Target, object: string, reason: string) => {
  const selector = `--field-selector=involvedObject.name=${object},reason=${reason}`;
  return run(target, 'get', 'events', selector, '-o', 'jsonpath={.items[*].message}');
};

export function equal(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} in place of ${other}`);
}

export function matches(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${pattern} does not match: ${text}`);
}
