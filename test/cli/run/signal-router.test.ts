import { describe, expect, it } from 'vitest';
import { Log } from '../../../cli/src/process/log.ts';
import { SIGNAL_NAMES, type SignalName } from '../../../cli/src/process/signals.ts';
import { SignalRouter } from '../../../cli/src/run/signal-router.ts';
import { buildInvocation, CapturedStream } from '../invocations.ts';

/** A run whose command and whose end only take notes. */
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
    finish: () => router.finish(),
  };
}

describe('the signals of a run', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('end it while it adds: %s', (name) => {
    const { send, stops } = newRun();
    send('SIGUSR1', 'SIGWINCH', 'SIGCONT', name);
    expect(stops).toEqual([name]);
  });

  it('are all the command’s while that runs', () => {
    const { send, start, sent, stops } = newRun();
    start();
    send(...SIGNAL_NAMES, 'SIGTERM');
    expect([sent, stops]).toEqual([[...SIGNAL_NAMES, 'SIGTERM'], []]);
  });

  it('are not given to the command again by who is in the foreground of a terminal, where it has them already', () => {
    const { send, start, sent } = newRun({ isInForeground: true });
    start();
    send(...SIGNAL_NAMES);
    expect(sent).toEqual(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT']);
  });

  it('are answered once while it says done, and then end it', () => {
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

  it('end it at once while it says done when the command was asked to end before', () => {
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
