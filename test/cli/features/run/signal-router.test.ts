import { describe, expect, it } from 'vitest';
import { SignalRouter } from '../../../../cli/src/features/run/signal-router.ts';
import { Log } from '../../../../cli/src/process/log.ts';
import { SIGNAL_NAMES, type SignalName } from '../../../../cli/src/process/signals.ts';
import { buildInvocation, CapturedStream } from '../../invocations.ts';

/** A run that records signals and stops. */
function newRun({ isInForeground = false } = {}) {
  const stderr = new CapturedStream();
  const sent: string[] = [];
  const stops: string[] = [];
  let send = (_: SignalName) => {};
  const signals = {
    takeOver: (listener: typeof send) => {
      send = listener;
    },
    onChildEnd: () => {},
    stop: (name: SignalName) => stops.push(name),
  };
  const router = new SignalRouter({ ...buildInvocation({ signals }), log: new Log(stderr) }, () => isInForeground);
  const child = { pid: 1, ended: Promise.resolve({ code: 0 }), kill: (name: SignalName) => sent.push(name) };
  return {
    sent,
    stops,
    said: () => stderr.text,
    send: (...names: readonly SignalName[]) => names.forEach((name) => void send(name)),
    start: () => router.forwardTo(child),
    finish: () => router.finish('the command succeeded, still marking its work done'),
    wasAskedToStop: () => router.wasAskedToStop,
  };
}

describe('the signals of a run', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('end koncli during the add: %s', (name) => {
    const { send, stops } = newRun();
    send('SIGUSR1', 'SIGWINCH', 'SIGCONT', name);
    expect(stops).toEqual([name]);
  });

  it('are all forwarded to the running command', () => {
    const { send, start, sent, stops, wasAskedToStop } = newRun();
    start();
    send('SIGUSR1', 'SIGCONT');
    expect(wasAskedToStop()).toBe(false);
    send(...SIGNAL_NAMES, 'SIGTERM');
    expect(wasAskedToStop()).toBe(true);
    expect([sent, stops]).toEqual([['SIGUSR1', 'SIGCONT', ...SIGNAL_NAMES, 'SIGTERM'], []]);
  });

  it('are not forwarded when the terminal has sent them to the command, too', () => {
    const { send, start, sent } = newRun({ isInForeground: true });
    start();
    send(...SIGNAL_NAMES);
    expect(sent).toEqual(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT']);
  });

  it('are logged once while the work is being marked done, then end koncli', () => {
    const { send, start, finish, sent, stops, said } = newRun();
    start();
    finish();
    send('SIGCONT', 'SIGTERM');
    expect([sent, stops]).toEqual([[], []]);
    expect(said()).toBe(
      'koncli: received SIGTERM; the command succeeded, still marking its work done (signal again to stop)\n',
    );
    send('SIGINT');
    expect(stops).toEqual(['SIGINT']);
  });

  it('end koncli at once if the command was signaled before', () => {
    for (const isInForeground of [false, true]) {
      const { send, start, finish, stops } = newRun({ isInForeground });
      start();
      send('SIGUSR1', 'SIGINT');
      finish();
      send('SIGTERM');
      expect(stops).toEqual(['SIGTERM']);
    }
  });
});
