// A subject in front of a server that a test scripts.
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { kubeconfig } from '../../../client/kubeconfig-builder.ts';
import { temporaryDirectory } from '../../../client/temporary-directory.ts';
import { eventually } from '../../../support/waiting/eventually.ts';
import { type FakeWatch, listOf, refusal, startFakeApiServer } from '../../fake-api-server.ts';
import type { object } from '../one-resource-operator.ts';
import type { Subject } from './subject.ts';

const SUBJECT = join(import.meta.dirname, 'subject.ts');
const START_MS = 100_000;
/** Halves the time that a subject takes to start. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'konductor-compile-cache');
// client-node asks for it.
const PLAIN_HTTP = { 'insecure-skip-tls-verify': true };

export interface Stage {
  /** What the subject has printed. */
  readonly lines: readonly string[];
  /** With what code the subject ended. */
  readonly exitCode: number | undefined;
  /** What the server has: each object's uid is its name's, unless it was made anew. */
  collection: ReturnType<typeof object>[];
  /** The next watch, as the API server begins it: with all that there is, unless it resumes from a resourceVersion. */
  nextWatch(): Promise<FakeWatch>;
  /** What follows a gap that is too long: a watch that resumes is told that it cannot. */
  nextWatchAfterGap(): Promise<FakeWatch>;
  stop(): void;
}

/** Writes are refused: 409. */
export async function startStage(subject: Subject, collection: Stage['collection'] = []): Promise<Stage> {
  const server = await startFakeApiServer(({ method }) =>
    method === 'GET' ? listOf(stage.collection, '10') : refusal(409, 'Conflict'),
  );
  onTestFinished(() => server[Symbol.asyncDispose]());
  const child = startSubject(subject, server.transport.connection.server.origin);
  let watches = 0;
  const acceptedWatch = () =>
    eventually(() => server.watches[watches], { what: `watch ${watches + 1} of ${subject}`, timeoutMs: START_MS });
  const stage: Stage = {
    ...child,
    get exitCode() {
      return child.exitCode;
    },
    collection,
    async nextWatch() {
      const watch = await acceptedWatch();
      watches++;
      if (watch.resourceVersion === undefined) for (const object of stage.collection) watch.send('ADDED', object);
      return watch;
    },
    async nextWatchAfterGap() {
      const watch = await stage.nextWatch();
      if (watch.resourceVersion === undefined) return watch;
      watch.send('ERROR', refusal(410, 'Expired').body ?? {});
      return stage.nextWatch();
    },
  };
  return stage;
}

function startSubject(subject: Subject, server: string): Pick<Stage, 'lines' | 'exitCode' | 'stop'> {
  const file = temporaryDirectory().write('kubeconfig', kubeconfig({ name: 'stage', server, cluster: PLAIN_HTTP }));
  const child = spawn(process.execPath, ['--conditions=konductor-source', SUBJECT, subject], {
    env: { ...process.env, KUBECONFIG: file, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    lines,
    get exitCode() {
      return child.exitCode ?? undefined;
    },
    stop: () => void child.kill('SIGTERM'),
  };
}
