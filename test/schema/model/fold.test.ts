// Exhaustive searches over the interleavings of the fold: the essence of the model that the design was checked with, over the real
// rules. docs/decisions/0047-the-fold.md
import { describe, expect, it } from 'vitest';
import { OTHER_POD, POD } from '../workers.ts';
import { withoutRevisions } from './cluster.ts';
import { type Action, modelOf, type Scenario } from './processes.ts';
import { search } from './search.ts';

const add = (worker = 'w', pod = POD): Action => ({ does: 'add', worker, pod });
const start = (worker = 'w', pod = POD): Action => ({ does: 'start', worker, pod });
const done = (worker = 'w', pod = POD): Action => ({ does: 'done', worker, pod });
const count = (delta: number): Action => ({ does: 'count', delta });
const after = (process: number, actions = 1): Action => ({ does: 'await', process, actions });

const scenarios: [string, Scenario][] = [
  [
    'a done of work that nobody added, and an add',
    { processes: [[done('x')], [add(), done()]], operators: 2, lost: 1, restarts: 1 },
  ],
  [
    'finished work of others that is counted in parts, as anonymous adds make room',
    { processes: [[done('x')], [done('y')], [count(1), after(0), after(1), count(1)]] },
  ],
  [
    'a worker that counts for the coordinator, and one that adds itself',
    { processes: [[count(1)], [after(0), done('x')], [add(), done()]], operators: 2, lost: 1, restarts: 1 },
  ],
  [
    'a coordinator with an identity, and its worker',
    {
      processes: [
        [add('c'), done('c')],
        [after(0), add(), done()],
      ],
      operators: 2,
      lost: 1,
      restarts: 1,
    },
  ],
  [
    'a record that is deleted by hand, and a done',
    {
      processes: [
        [add('a'), done('a')],
        [add(), done()],
        [after(0), { does: 'delete', worker: 'a' }],
      ],
    },
  ],
  [
    'twin pods of one worker',
    {
      processes: [
        [add(), done()],
        [add('w', OTHER_POD), done('w', OTHER_POD)],
      ],
      lost: 1,
    },
  ],
  [
    'twin pods of a worker whose work the coordinator added',
    { processes: [[count(2)], [start(), done()], [start('w', OTHER_POD), done('w', OTHER_POD)]], lost: 1 },
  ],
  [
    'a worker that is released while it marks its work done',
    {
      processes: [
        [add(), done()],
        [after(0), { does: 'release', worker: 'w' }],
      ],
      lost: 1,
      operators: 2,
    },
  ],
];

describe('in every interleaving, the count is true', () => {
  it.each(scenarios)('of %s', (_name, scenario) => {
    const found = search(modelOf(scenario));
    expect(found.steps, found.violation).toBeUndefined();
    expect(found.states).toBeGreaterThan(100);
  });
});

it('the search finds what happens when a fold does not compare revisions', () => {
  const { violation } = search(modelOf({ processes: [[add(), done()]], operators: 2 }, withoutRevisions));
  expect(violation).toMatch(/the counter is/);
});
