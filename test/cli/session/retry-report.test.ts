import { ForbiddenError, GoneError, TooManyRequestsError, UnavailableError } from '@konductor/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseTimeout } from '../../../cli/src/arguments/values.ts';
import { Log } from '../../../cli/src/process/log.ts';
import { reportRetries } from '../../../cli/src/session/retry-report.ts';
import { CapturedStream } from '../invocations.ts';

const server = new URL('https://127.0.0.1:6443/');
const refused = new UnavailableError('connect ECONNREFUSED', { mayHaveArrived: false });

function start(timeout?: string) {
  const stream = new CapturedStream();
  const log = new Log(stream);
  return { stream, log, report: reportRetries(log, server, timeout ? parseTimeout(timeout) : undefined) };
}

describe('reportRetries', () => {
  it.each([
    ['60s', 'for up to 60s'],
    ['0', 'briefly'],
    [undefined, 'until it is available'],
  ])('logs one warning for all retries, with a timeout of %s', (timeout, says) => {
    const { stream, report } = start(timeout);
    for (let attempt = 0; attempt < 5; attempt++) report(refused, 100);
    expect(stream.text).toBe(
      `koncli: the API server at https://127.0.0.1:6443 is unavailable (connect ECONNREFUSED); retrying ${says}\n`,
    );
  });

  it('warns again after a minute, so that a long outage does not look like a hang', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { stream, report } = start();
    for (let second = 0; second < 125; second += 5) {
      report(refused, 100);
      vi.advanceTimersByTime(5_000);
    }
    expect(stream.text.match(/is unavailable \(connect ECONNREFUSED\); retrying/g)).toHaveLength(3);
  });

  it('warns of an overloaded API server', () => {
    const { stream, report } = start('60s');
    report(new TooManyRequestsError(429, { message: 'too many requests' }), 100);
    expect(stream.text).toContain('is unavailable (too many requests); retrying');
  });

  it('warns when the permissions of a wait are withdrawn', () => {
    const { stream, report } = start('60s');
    report(new ForbiddenError(403, { message: 'waitgroups is forbidden' }), 100);
    expect(stream.text).toContain('rejects the wait (waitgroups is forbidden); retrying for up to 1m\n');
  });

  it('does not warn when a watch starts again', () => {
    const { stream, report } = start('60s');
    report(new GoneError(410, {}), 100);
    expect(stream.text).toBe('');
  });

  it('logs every retry under -v', () => {
    const { stream, log, report } = start('60s');
    log.level = 'info';
    report(refused, 99.6);
    report(refused, 200);
    expect(stream.text).toContain('connect ECONNREFUSED; retrying in 100 ms\n');
    expect(stream.text).toContain('connect ECONNREFUSED; retrying in 200 ms\n');
  });
});
