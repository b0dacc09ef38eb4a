import * as konductor from '@konductor/cdk8s';
import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synth } from '../synth.ts';

// biome-ignore lint/suspicious/noExplicitAny: as plain JavaScript sees it
const library: any = konductor;
const times = { ttl: '1h', deadline: '30m' };
const script = { work: 'do', timeout: '30m', image: 'busybox' };
const stages = [{ name: 'one', workers: 1, work: 'do' }];

/** The props of each construct that are checked, with values that work. */
const checked = Object.entries<Record<string, unknown>>({
  WaitGroup: { ttl: '1h', deadline: '1h', initialCount: 1 },
  BatchJob: { name: 'batch', coordinator: 'coordinator', workers: 2, koncliImage: 'koncli:1', ...times, ...script },
  DynamicWorkers: { name: 'batch', worker: 'worker', replicas: 2, ...times, work: 'do', image: 'busybox' },
  Pipeline: { stages, timeout: '1m', image: 'busybox' },
  KonductorInjection: { koncliImage: 'koncli:1' },
  KonductorMonitoring: { caSecret: 'ca' },
  KonductorOperator: { image: 'operator:1', replicas: 2, watchNamespace: 'jobs', priorityClassName: 'high' },
});
const props = checked.flatMap(([kind, good]) =>
  Object.keys(good).flatMap((prop) => (Array.isArray(good[prop]) ? [] : [{ kind, prop, good }])),
);

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', ' ', 'Ünï', 'a'.repeat(64), 'a'.repeat(300), -1, 1.5, NaN, true, {}),
  fc.string(),
  fc.double(),
);

it.each(props)('$kind with an odd $prop renders, or says what is wrong with it', ({ kind, prop, good }) => {
  const property = fc.property(odd, (given) => {
    try {
      synth((scope) => new library[kind](scope, 'It', { ...good, [prop]: given }));
    } catch (error) {
      expect(String(error)).toMatch(new RegExp(`^Error: ${kind} test/It: ${prop} .+$`));
    }
  });
  fc.assert(property, { seed: 23, numRuns: 100 });
});

describe.each(['KonductorOperator', 'KonductorInjection', 'KonductorMonitoring'])('%s', (kind) => {
  it('is rejected a second time in a chart, because its objects would have the same names', () => {
    const chart = new Chart(new App(), 'test');
    new library[kind](chart, 'One');
    expect(() => new library[kind](chart, 'Two')).toThrow(
      `${kind} test/Two: test/One creates objects with the same names in this chart; keep only one of them`,
    );
  });

  it('may be in several charts of an app, for several clusters', () => {
    const app = new App();
    for (const id of ['staging', 'production']) new library[kind](new Chart(app, id), 'One');
    expect(app.charts).toHaveLength(2);
  });
});
