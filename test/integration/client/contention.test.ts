// Many callers at once: each caller is a process or a client of its own, so that no two of them share a write. The bench goes to
// a thousand clients.
import { expect, inject, it } from 'vitest';
import { inLongRun } from '../../faults/random.ts';
import { newGroup, openClient } from '../../support/cluster/client-access.ts';
import { koncli } from '../../support/processes/koncli-process.ts';

const access = inject('controlPlane');
const PROCESSES = inLongRun(200, 50);
const CLIENTS = inLongRun(300, 75);

it(`counts ${PROCESSES} koncli processes that mark work done at once exactly`, async () => {
  const { namespace, client } = await newGroup(access, { initialCount: PROCESSES + 1 });
  const done = () => koncli(['wg', 'done', 'batch', '-n', namespace, '--timeout', '10m'], access);
  const results = await Promise.all(Array.from({ length: PROCESSES }, done));
  expect(results.filter(({ code }) => code !== 0)).toEqual([]);
  expect((await client.get('batch')).status).toMatchObject({ counter: 1, added: PROCESSES + 1, completions: 0 });
}, 900_000);

it(`counts ${CLIENTS} calls at once of as many clients exactly`, async () => {
  const { namespace, client } = await newGroup(access, { initialCount: CLIENTS + 1 });
  const open = () => openClient({ kubeconfig: access.kubeconfig, namespace });
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
  await Promise.all(clients.map((one) => one.done('batch')));
  expect((await client.get('batch')).status).toMatchObject({ counter: 1, added: CLIENTS + 1, completions: 0 });
}, 900_000);
