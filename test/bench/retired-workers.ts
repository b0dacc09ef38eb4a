// A WaitGroup that lives for years, like that of a Deployment: thousands of its workers have finished, and their pods are gone.
// Once their records are retired, it is compared with a new one: its size, and how soon an add is counted.
import { eventually } from '../support/waiting/eventually.ts';
import { type Connection, type Crowd, spread, timed, workerIds } from './crowd.ts';
import { quantile } from './distribution.ts';

const RETIRED = 3_000;
/** So many finished records are kept at most. */
const KEPT = 64;
const ROUNDS = 20;
const GROUPS = ['old', 'new'] as const;

export async function benchRetired(crowd: Crowd): Promise<void> {
  const [{ client }] = crowd.connections as readonly [Connection];
  // One unit of work remains outstanding.
  for (const name of GROUPS) await client.create({ name, spec: { initialCount: name === 'old' ? RETIRED + 1 : 1 } });
  await spread(crowd, workerIds(RETIRED), ({ client }, id) =>
    client.worker('old', { id, pod: { name: id, uid: `gone-${id}` } }).done(),
  );
  const retiringMs = await timed(() =>
    eventually('the retirement of workers', isRetired(client), { timeoutMs: 600_000 }),
  );
  console.log(
    `${RETIRED} workers whose pods are gone: retired ${(retiringMs / 1000).toFixed(1)} s after the last done`,
  );
  const addMs = { old: [] as number[], new: [] as number[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const name of GROUPS) {
      const worker = client.worker(name, { id: `late-${round}` });
      addMs[name].push(await timed(() => worker.add()));
      await worker.done();
    }
  for (const name of GROUPS) {
    const [p50, max] = [0.5, 1].map((share) => `${quantile(addMs[name], share).toFixed(0)} ms`);
    const bytes = JSON.stringify((await client.get(name)).status).length;
    const records = (await client.workers(name)).length;
    console.log(
      `${name}: ${records} records, a status of ${bytes} bytes; until an add is counted p50 ${p50}, max ${max}`,
    );
  }
}

function isRetired(client: Connection['client']): () => Promise<boolean> {
  return async () => {
    const { done = 0, retiring = [] } = (await client.get('old')).status?.workers ?? {};
    return done <= KEPT && retiring.length === 0;
  };
}
