import type { WaitGroup } from '@konductor/schema';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Environment } from '../../../../cli/src/arguments/invocation.ts';
import { createProgress } from '../../../../cli/src/features/waiting/progress.ts';
import { Log } from '../../../../cli/src/process/log.ts';
import { buildStatus, buildWaitGroup } from '../../../schema/wait-groups.ts';
import { buildInvocation, CapturedStream } from '../../invocations.ts';

const at = (counter: number, metadata: Partial<WaitGroup['metadata']> = {}, outcome?: 'Failed') =>
  buildWaitGroup({ metadata, status: buildStatus({ counter, added: 10, ...(outcome && { outcome }) }) });

function start(stderr: CapturedStream, env: Environment = {}) {
  const log = new Log(stderr);
  const run = { ...buildInvocation({ env, stdout: stderr, stderr }), log };
  return { log, progress: createProgress(['batch'], run) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('progress without a terminal', () => {
  it('is one line for each change of counter or total', () => {
    const stderr = new CapturedStream();
    const { progress } = start(stderr);
    progress.report('batch', undefined);
    progress.report('batch', at(10));
    vi.advanceTimersByTime(65_000);
    progress.report('batch', at(10, { resourceVersion: '8' }));
    progress.report('batch', at(9));
    progress.report('batch', at(9, {}, 'Failed'));
    progress.end();
    expect(stderr.text).toBe(
      'waitgroup.konductor.io/batch not yet created (0s)\n' +
        'waitgroup.konductor.io/batch counter 10, added 10 (0s)\n' +
        'waitgroup.konductor.io/batch counter 9, added 10 (65s)\n' +
        'waitgroup.konductor.io/batch counter 9, added 10, failed (65s)\n',
    );
  });

  it('is the same on a dumb terminal', () => {
    const stderr = new CapturedStream({ isTTY: true, columns: 80 });
    start(stderr, { TERM: 'dumb' }).progress.report('batch', at(10));
    expect(stderr.text).toBe('waitgroup.konductor.io/batch counter 10, added 10 (0s)\n');
  });
});

describe('progress on a terminal', () => {
  const CLEAR = '\r\x1b[K';
  const BAR = '░'.repeat(20);

  it('is one line that is rewritten with each change and each second, and cleared at the end', () => {
    const stderr = new CapturedStream({ isTTY: true, columns: 80 });
    const { progress } = start(stderr, { NO_COLOR: '1' });
    vi.advanceTimersByTime(1_000);
    progress.report('batch', at(10));
    vi.advanceTimersByTime(1_000);
    progress.end();
    vi.advanceTimersByTime(5_000);
    expect(stderr.text).toBe(
      `${CLEAR}${BAR} batch 0 of 10 done, counter 10, 1s` + `${CLEAR}${BAR} batch 0 of 10 done, counter 10, 2s${CLEAR}`,
    );
  });

  it('has color unless NO_COLOR is set', () => {
    const stderr = new CapturedStream({ isTTY: true, columns: 80 });
    start(stderr).progress.report('batch', at(10));
    expect(stderr.text).toContain(`\x1b[32m${BAR}\x1b[39m`);
  });

  it('assumes 80 columns when the terminal reports 0', () => {
    const stderr = new CapturedStream({ isTTY: true, columns: 0 });
    start(stderr, { NO_COLOR: '1' }).progress.report('batch', at(10));
    expect(stderr.text).toContain('counter 10, 0s');
  });

  it('does not mix with other lines', () => {
    const stderr = new CapturedStream({ isTTY: true, columns: 80 });
    const { progress, log } = start(stderr, { NO_COLOR: '1' });
    progress.report('batch', at(10));
    const status = stderr.text.slice(CLEAR.length);
    log.warn('careful');
    expect(stderr.text).toBe(`${CLEAR}${status}${CLEAR}koncli: careful\n${status}`);
  });
});
