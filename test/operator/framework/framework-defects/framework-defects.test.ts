// What @dot-i/k8s-operator does as it is published, and what the layer that replaces its weak parts does instead: one table
// of scenarios, two subjects.
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../support/waiting/eventually.ts';
import { refusal } from '../../fake-api-server.ts';
import { object } from '../one-resource-operator.ts';
import { type Stage, startStage } from './stage.ts';

interface Scenario {
  readonly when: string;
  readonly collection?: Stage['collection'];
  /** Resolves with what is seen of the subject. */
  readonly play: (stage: Stage) => Promise<unknown>;
  readonly plain: unknown;
  readonly ours: unknown;
}

const TIMEOUT_MS = 100_000;

const SCENARIOS: readonly Scenario[] = [
  {
    when: 'a watch breaks off',
    async play(stage) {
      (await stage.nextWatch()).reset();
      return survival(stage);
    },
    plain: 'exits with 1',
    ours: 'watches anew',
  },
  {
    when: 'a watch says in-band that its resourceVersion is too old',
    async play(stage) {
      const watch = await stage.nextWatch();
      watch.send('ERROR', refusal(410, 'Expired').body ?? {});
      watch.send('ADDED', object('last', '1', '20'));
      return survival(stage);
    },
    // Over the client-node that it asks for itself (0.20) it ends by an uncaught exception.
    plain: 'reads on as if nothing had been said',
    ours: 'watches anew',
  },
  {
    when: 'an object is deleted between two watches',
    collection: [object('kept', '1', '5'), object('deleted', '2', '6')],
    async play(stage) {
      const watch = await stage.nextWatch();
      await prints(stage, 'ADDED deleted 2');
      stage.collection = [object('kept', '1', '5')];
      watch.end();
      (await stage.nextWatchAfterGap()).send('ADDED', object('last', '3', '20'));
      await prints(stage, 'ADDED last 3');
      return stage.lines.filter((line) => line.includes('deleted'));
    },
    plain: ['ADDED deleted 2'],
    ours: ['ADDED deleted 2', 'DELETED deleted 2'],
  },
  {
    when: 'a handler throws',
    collection: [object('thrown', '1', '5')],
    async play(stage) {
      const watch = await stage.nextWatch();
      await prints(stage, 'ADDED thrown 1');
      watch.send('ADDED', object('last', '2', '20'));
      await prints(stage, 'ADDED last 2');
      await eventually(() => stage.lines.length === 4, { what: 'another attempt', timeoutMs: 5_000 }).catch(() => {});
      return stage.lines.filter((line) => !line.includes('last'));
    },
    plain: ['ADDED thrown 1'],
    ours: ['ADDED thrown 1', 'logged', 'ADDED thrown 1'],
  },
  {
    when: 'the API server refuses a status with 409',
    collection: [object('written', '1', '5')],
    async play(stage) {
      await stage.nextWatch();
      return eventually(() => stage.lines.find((line) => line.startsWith('wrote')), { what: 'the write' });
    },
    plain: 'wrote null',
    ours: 'wrote ConflictError',
  },
  {
    when: 'it is stopped',
    async play(stage) {
      await stage.nextWatch();
      stage.stop();
      return ending(stage);
    },
    plain: 'exits with 1',
    ours: 'exits with 0',
  },
];

describe.each(SCENARIOS)('when $when', { timeout: 2 * TIMEOUT_MS }, ({ collection, play, plain, ours }) => {
  it('the framework as it is published shows its defect', async () => {
    expect(await play(await startStage('plain', collection))).toEqual(plain);
  });

  it('ours does what it should', async () => {
    expect(await play(await startStage('ours', collection))).toEqual(ours);
  });
});

const prints = (stage: Stage, line: string) =>
  eventually(() => stage.lines.includes(line), { what: line, timeoutMs: TIMEOUT_MS });

async function ending(stage: Stage): Promise<string> {
  await eventually(() => stage.exitCode !== undefined, { what: 'the end', timeoutMs: TIMEOUT_MS });
  return `exits with ${stage.exitCode}`;
}

/** What becomes of it after something went wrong with its watch. */
function survival(stage: Stage): Promise<string> {
  return Promise.any([
    stage.nextWatch().then(() => 'watches anew'),
    prints(stage, 'ADDED last 1').then(() => 'reads on as if nothing had been said'),
    ending(stage),
  ]);
}
