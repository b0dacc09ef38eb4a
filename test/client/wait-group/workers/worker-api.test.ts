import type { WaitGroupWorker } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { WorkerApi } from '../../../../client/src/wait-group/workers/worker-api.ts';
import { json, startLoopback, transportTo } from '../../loopback-server.ts';

const group = { namespace: 'jobs', name: 'batch', uid: '01234567-89ab' };
const recordOf = (waitGroupUid: string): WaitGroupWorker => ({
  apiVersion: 'konductor.io/v1',
  kind: 'WaitGroupWorker',
  metadata: { name: 'batch.w.01234567', namespace: 'jobs', uid: 'u', resourceVersion: '7' },
  spec: { waitGroup: 'batch', waitGroupUid, worker: 'w', added: 1, done: 0, borrowed: 0, round: 0, state: 'Active' },
});

describe('the record of a worker', () => {
  const read = async (record: WaitGroupWorker) => {
    const { url } = await startLoopback(json(record));
    return new WorkerApi(transportTo(url), 'test').get(group, 'w', { signal: AbortSignal.timeout(60_000) });
  };

  it('is that of the WaitGroup', async () => {
    expect(await read(recordOf(group.uid))).toEqual(recordOf(group.uid));
  });

  it('is never that of another one whose UID begins in the same way', async () => {
    const message = expect.stringContaining('"batch.w.01234567" belongs to another WaitGroup, with UID 01234567-ffff;');
    await expect(read(recordOf('01234567-ffff'))).rejects.toMatchObject({ name: 'ForeignRecordError', message });
  });
});
