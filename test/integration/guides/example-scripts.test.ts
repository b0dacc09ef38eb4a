// The shell scripts inside the shipped examples, run by this machine's sh with a koncli and a sleep that only take notes.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BatchJob, DynamicWorkers, Pipeline } from '@konductor/cdk8s';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, synth } from '../../cdk8s/synth.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const EXAMPLES = join(import.meta.dirname, '../../../cdk8s/manifests/examples');

let directory: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'konductor-scripts-'));
  writeFileSync(join(directory, 'log'), '');
  writeCommand('koncli', 'echo "koncli $*" >> "$LOG"');
  writeCommand('sleep', 'exit 0');
});

afterEach(() => {
  // Its group: what the script left in the background ends with it.
  if (running?.pid !== undefined && isAlive(-running.pid)) process.kill(-running.pid, 'SIGKILL');
  running = undefined;
  rmSync(directory, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function writeCommand(name: string, script: string): void {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function start(example: string, workload: string) {
  const documents = parseAllDocuments(readFileSync(join(EXAMPLES, `${example}.yaml`), 'utf8'));
  return startIn(
    documents.map((document) => document.toJS()),
    workload,
  );
}

function startIn(manifests: readonly Manifest[], workload: string) {
  const { spec } = manifests.find(isWorkload(workload));
  const [command, ...args] = spec.template.spec.containers[0].command;
  const env = { PATH: `${directory}${delimiter}${process.env.PATH}`, LOG: join(directory, 'log') };
  const script = spawn(command, args, { env, stdio: 'ignore', detached: true });
  running = script;
  const exit = new Promise<number | null>((resolve) => script.once('exit', resolve));
  return { exit, terminate: () => script.kill('SIGTERM') };
}

const isWorkload =
  (name: string) =>
  ({ kind, metadata }: { kind: string; metadata: { name: string } }) =>
    ['Job', 'Deployment'].includes(kind) && metadata.name === name;

const calls = () => readFileSync(join(directory, 'log'), 'utf8').split('\n').slice(0, -1);
const count = (call: string) => calls().filter((line) => line === call).length;
const called = (call: string) => eventually(call, () => count(call) > 0);

/** A sleep that is the work when it is a long one, and else a short nap. */
const work = (start: string) => `[ "$1" = 30 ] || exec /bin/sleep 0.05; ${start}; exec tail -f /dev/null`;

const ADD = 'koncli waitgroup add workers --delta 1';
const DONE = 'koncli waitgroup done workers';

describe('the coordinator of batch-job.yaml', () => {
  const add = 'koncli waitgroup add batch-jobs --delta 10';

  it('adds ten, calls done ten times and waits', async () => {
    expect(await start('batch-job', 'coordinator').exit).toBe(0);
    await eventually('the last done', () => calls().length === 12);
    expect(calls()[0]).toBe(add);
    expect(count('koncli waitgroup done batch-jobs')).toBe(10);
    expect(count('koncli waitgroup wait batch-jobs --timeout 30m')).toBe(1);
  });

  it('marks the work of failed workers done too', async () => {
    writeCommand('sleep', 'exit 1');
    expect(await start('batch-job', 'coordinator').exit).toBe(0);
    await eventually('the last done', () => count('koncli waitgroup done batch-jobs') === 10);
  });

  it('fails, and starts no worker, when the add fails', async () => {
    writeCommand('koncli', 'echo "koncli $*" >> "$LOG"; exit 5');
    expect(await start('batch-job', 'coordinator').exit).toBe(5);
    expect(calls()).toEqual([add]);
  });

  it('fails as the wait does', async () => {
    writeCommand('koncli', 'echo "koncli $*" >> "$LOG"; [ "$2" != wait ] || exit 3');
    expect(await start('batch-job', 'coordinator').exit).toBe(3);
  });
});

describe('a stage of pipeline.yaml', () => {
  it('adds as many as it then starts', async () => {
    writeCommand('date', 'echo 8');
    expect(await start('pipeline', 'pipeline-stage').exit).toBe(0);
    await eventually('the last done', () => calls().length === 6);
    expect(calls()[0]).toBe('koncli waitgroup add pipeline-stage --delta 4');
    expect(count('koncli waitgroup done pipeline-stage')).toBe(4);
  });
});

describe('a worker of dynamic-workers.yaml', () => {
  it('adds, works, marks its work done once, and then stays until it is stopped', async () => {
    const worker = start('dynamic-workers', 'worker');
    await called(DONE);
    worker.terminate();
    expect(await worker.exit).not.toBe(0);
    expect(calls()).toEqual([ADD, DONE]);
  });

  it('marks its work done when it is stopped at work', async () => {
    writeCommand('sleep', work('echo working >> "$LOG"'));
    const worker = start('dynamic-workers', 'worker');
    await called('working');
    worker.terminate();
    await worker.exit;
    expect(calls()).toEqual([ADD, 'working', DONE]);
  });

  it('marks its work done when it is stopped while it adds', async () => {
    writeCommand('koncli', 'echo "koncli $*" >> "$LOG"; [ "$2" != add ] || /bin/sleep 0.3');
    writeCommand('sleep', work(':'));
    const worker = start('dynamic-workers', 'worker');
    await called(ADD);
    worker.terminate();
    await worker.exit;
    expect(calls()).toEqual([ADD, DONE]);
  });

  it('neither works nor marks work done when the add fails', async () => {
    writeCommand('koncli', 'echo "koncli $*" >> "$LOG"; exit 2');
    expect(await start('dynamic-workers', 'worker').exit).toBe(2);
    expect(calls()).toEqual([ADD]);
  });
});

describe('with onFailure "fail"', () => {
  const FAIL = 'koncli waitgroup fail workers --message the work exited with 7';
  const fails = { onFailure: 'fail', image: 'busybox' } as const;
  const batch = { name: 'batch', coordinator: 'coordinator', workers: 2, timeout: '1m', ...fails };
  const dynamic = { name: 'workers', worker: 'worker', replicas: 1, work: 'sleep 30', ...fails };
  const worker = () =>
    startIn(
      synth((scope) => new DynamicWorkers(scope, 'Dynamic', dynamic)),
      'worker',
    );

  it('a worker of a coordinator fails its WaitGroup instead of calling done', async () => {
    const work = '[ "$i" = 1 ] || exit 7';
    const manifests = synth((scope) => new BatchJob(scope, 'Batch', { ...batch, work }));
    expect(await startIn(manifests, 'coordinator').exit).toBe(0);
    await called('koncli waitgroup fail batch --message worker 2 exited with 7');
    await called('koncli waitgroup done batch');
    expect(calls()).toHaveLength(4);
  });

  it.each([
    ['a dynamic worker fails its WaitGroup when its work fails', 'exit 7', FAIL],
    ['a dynamic worker calls done when its work succeeds', 'exit 0', DONE],
  ])('%s, and then stays until it is stopped', async (_, sleep, call) => {
    writeCommand('sleep', `[ "$1" != 30 ] || ${sleep}; exec /bin/sleep 0.05`);
    const started = worker();
    await called(call);
    started.terminate();
    await started.exit;
    expect(calls()).toEqual([ADD, call]);
  });

  it('a dynamic worker calls done when it is stopped at work', async () => {
    writeCommand('sleep', work('echo working >> "$LOG"'));
    const started = worker();
    await called('working');
    started.terminate();
    await started.exit;
    expect(calls()).toEqual([ADD, 'working', DONE]);
  });
});

describe('a coordinator that is counted by its label', () => {
  const run = (onFailure: 'done' | 'fail', work: string) => {
    const props = { by: 'label', name: 'batch', coordinator: 'coordinator', workers: 2, timeout: '1m' } as const;
    const manifests = synth((scope) => new BatchJob(scope, 'It', { ...props, work, onFailure, image: 'busybox' }));
    return startIn(manifests, 'coordinator').exit;
  };
  const work = '[ "$i" = 2 ] || exit 7; /bin/sleep 0.1; echo worked >> "$LOG"';

  it('succeeds when its workers have ended, whatever came of them', async () => {
    expect(await run('done', work)).toBe(0);
    expect(calls()).toEqual(['worked']);
  });

  it('fails when the first of its workers fails, without koncli', async () => {
    expect(await run('fail', '[ "$i" = 2 ] || exec tail -f /dev/null; exit 7')).toBe(1);
    expect(calls()).toEqual([]);
  });

  it('succeeds when none of its workers fails', async () => {
    expect(await run('fail', 'echo worked >> "$LOG"')).toBe(0);
    expect(calls()).toEqual(['worked', 'worked']);
  });

  it('fails when no shell can read the work', async () => {
    expect(await run('done', 'echo "half')).not.toBe(0);
  });
});

describe('what users write as work', () => {
  const image = 'busybox';
  const batch = (work: string) =>
    synth((scope) => {
      const props = { name: 'batch', coordinator: 'coordinator', workers: 2, work, timeout: '1m', image };
      new BatchJob(scope, 'Batch', props);
    });
  const stage = (workers: string, work: string) =>
    synth((scope) => {
      new Pipeline(scope, 'Pipeline', { stages: [{ name: 'stage', workers, work }], timeout: '1m', image });
    });
  const dynamic = (work: string) =>
    synth((scope) => {
      new DynamicWorkers(scope, 'Dynamic', { name: 'workers', worker: 'worker', replicas: 1, work, image });
    });
  const note = (word: string) => `echo ${word} >> "$LOG"`;

  it.each([
    ['a comment', `${note('"work $i"')} # of each`],
    ['several lines', `word=work\n${note('"$word $i"')}\n`],
    ['a heredoc', 'cat >> "$LOG" <<END\nwork $i\nEND'],
    ['its own end', `${note('"work $i"')}; exit 7`],
  ])('of a coordinator may have %s', async (_, work) => {
    expect(await startIn(batch(work), 'coordinator').exit).toBe(0);
    await eventually('the last done', () => calls().length === 6);
    expect([count('work 1'), count('work 2'), count('koncli waitgroup done batch')]).toEqual([1, 1, 2]);
  });

  it.each(['work', 'run', 'stop'])('may be a command named %s', async (name) => {
    writeCommand(name, note('work'));
    expect(await startIn(batch(name), 'coordinator').exit).toBe(0);
    await eventually('the last done', () => count('koncli waitgroup done batch') === 2);
    expect(count('work')).toBe(2);
    const worker = startIn(dynamic(name), 'worker');
    await called(DONE);
    worker.terminate();
    await worker.exit;
    expect(count('work')).toBe(3);
  });

  it('may count its workers with a comment', async () => {
    expect(await startIn(stage('echo 1 # for now', note('work')), 'stage').exit).toBe(0);
    await eventually('the last done', () => calls().length === 4);
    expect(calls()[0]).toBe('koncli waitgroup add stage --delta 1');
  });

  it('of dynamic workers may have a comment', async () => {
    writeCommand('do-it', note('work'));
    const worker = startIn(dynamic('do-it # of each'), 'worker');
    await called(DONE);
    worker.terminate();
    await worker.exit;
    expect(calls()).toEqual([ADD, 'work', DONE]);
  });

  it.each<[string, () => Manifest[], string]>([
    ['of a coordinator', () => batch('echo "half'), 'coordinator'],
    ['of a stage', () => stage('nproc', 'done'), 'stage'],
    ['of dynamic workers', () => dynamic('echo "half'), 'worker'],
  ])('%s counts nothing when no shell can read it', async (_, manifests, workload) => {
    expect(await startIn(manifests(), workload).exit).not.toBe(0);
    expect(calls()).toEqual([]);
  });
});
