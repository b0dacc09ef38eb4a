import type { WorkerAddOptions, WorkerClient, WorkerCounted } from '@konductor/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { addWork } from '../../../../cli/src/features/workers/changes.ts';
import { Log } from '../../../../cli/src/process/log.ts';
import { buildInvocation, CapturedStream } from '../../invocations.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('says what an add waits for when the operator does not count it, and not when it does', async () => {
  const stderr = new CapturedStream();
  const run = { ...buildInvocation({ stderr }), log: new Log(stderr) };
  const { promise, resolve } = Promise.withResolvers<WorkerCounted>();
  const add = ({ onRecorded }: WorkerAddOptions) => {
    onRecorded?.({} as never);
    return promise;
  };
  const worker = { id: 'web-1', add } as unknown as WorkerClient;
  const added = addWork(worker, {}, run);
  vi.advanceTimersByTime(2_999);
  expect(stderr.text).toBe('');
  vi.advanceTimersByTime(1);
  expect(stderr.text).toBe('koncli: worker "web-1" is recorded; waiting for the operator to count it\n');
  resolve({} as never);
  await added;
  await addWork(worker, {}, run);
  vi.advanceTimersByTime(60_000);
  expect(stderr.text.match(/waiting/g)).toHaveLength(1);
});
