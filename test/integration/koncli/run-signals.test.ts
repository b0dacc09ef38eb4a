import { type ChildProcess, spawn } from 'node:child_process';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { grantRules, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { needPods, ServiceAccountFolder, startKoncliInPod } from '../../support/pods/pod-process.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { isInstalled } from '../../support/processes/shell-terminal.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const controlPlane = inject('controlPlane');
let namespace: string;
let env: Record<string, string>;

beforeAll(async () => {
  namespace = await createNamespace(controlPlane, 'run-signals');
  await koncli(['wg', 'create', 'batch', '-n', namespace, '--initial-count', '100'], controlPlane);
  env = {
    PATH: process.env.PATH ?? '',
    KUBECONFIG: controlPlane.kubeconfig,
    KONDUCTOR_NAMESPACE: namespace,
    KONCLI: koncliPath(),
  };
});

/** The output of a process, so far and until it ends. */
function watchOutput(child: ChildProcess) {
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    exit,
    output: () => output,
    says: (what: string) => eventually(`"${what}" in the output`, () => output.includes(what)),
  };
}

/** A shell script as counted work, with --no-add. */
function runScript(script: string) {
  const args = ['wg', 'run', 'batch', '--no-add', '--', 'sh', '-c', script];
  const child = spawn(koncliPath(), args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  return { child, ...watchOutput(child) };
}

describe('koncli waitgroup run, on a signal', () => {
  it.each(['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'WINCH', 'CONT'])('forwards SIG%s', async (name) => {
    // Twice would end it with 4.
    const script = `trap 'n=$((n + 1)); echo got ${name}; [ $n = 1 ] || exit 4' ${name}; echo ready; i=0; while [ $i -lt 600 ]; do sleep 0.05; i=$((i + 1)); [ -z "$n" ] || exit 5; done`;
    const { child, exit, says, output } = runScript(script);
    await says('ready');
    child.kill(`SIG${name}` as NodeJS.Signals);
    expect(await exit).toBe(5);
    expect(output()).toBe(`ready\ngot ${name}\n`);
  });

  it('ends with the exit code of the command that the signal kills', async () => {
    const { child, exit, says } = runScript('echo ready; exec sleep 60');
    await says('ready');
    child.kill('SIGTERM');
    expect(await exit).toBe(143);
  });
});

describe('koncli waitgroup run on a terminal', () => {
  const script = `trap 'n=$((n + 1)); echo INT $n' INT; tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo ready; while [ -z "$go" ]; do read -r go; done; echo "read $go"; exit 7`;
  const command = `exec "$KONCLI" wg run batch --no-add -- sh -c "$SCRIPT"`;

  it('leaves it to the command: Ctrl-C reaches it once', async ({ skip }) => {
    skip(!isInstalled('script'), 'needs script (util-linux) for a terminal');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...env, SCRIPT: script },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { says, output, exit } = watchOutput(child);
    await says('ready');
    child.stdin?.write('\x03');
    await says('INT 1');
    child.stdin?.write('\x03');
    await says('INT 2');
    child.stdin?.write('line\n');
    await says('read line');
    expect(await exit).toBe(7);
    expect(output()).toMatch(/^\/dev\/pts\/\d+\r\nready\r\n/);
    expect(output().match(/INT \d/g)).toEqual(['INT 1', 'INT 2']);
  });
});

describe('koncli waitgroup run under job control', () => {
  it('is stopped and continued together with the command', async ({ skip }) => {
    skip(!isInstalled('bash') || !isInstalled('script'), 'needs bash and script (util-linux) for a terminal');
    const child = spawn('script', ['-qec', 'bash --noprofile --norc -i', '/dev/null'], {
      env: { ...env, TERM: 'dumb', SCRIPT: 'echo rea""dy; read -r line; echo "read $line"; exit 7' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { says, exit } = watchOutput(child);
    child.stdin?.write('"$KONCLI" wg run batch --no-add -- sh -c "$SCRIPT"\n');
    await says('ready');
    child.stdin?.write('\x1a');
    await says('Stopped');
    child.stdin?.write('fg\n');
    await says('fg\r\n');
    child.stdin?.write('on\n');
    await says('read on');
    child.stdin?.write('exit $?\n');
    expect(await exit).toBe(7);
  });
});

describe('koncli waitgroup run as PID 1 of a pod', () => {
  async function startInPod(...command: string[]) {
    const name = 'pod';
    await koncli(['wg', 'create', name, '-n', namespace], controlPlane);
    await grantRules(controlPlane, { namespace, rules: workerRules(name), name: 'worker' });
    const token = await createToken(controlPlane, { namespace, serviceAccount: 'worker' });
    const folder = new ServiceAccountFolder(controlPlane, { namespace, token });
    return startKoncliInPod(['wg', 'run', name, '--', ...command], { server: controlPlane.server, folder });
  }

  it('reaps the orphans of the command, and ends with it', async ({ skip }) => {
    needPods(skip);
    const orphans = 'for i in 1 2 3 4 5 6 7 8; do (sleep 0.1 &); done; (sleep 60 &)';
    const zombies = 'grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l';
    const script = `${orphans}; sleep 0.2; i=0; while [ $(${zombies}) != 0 ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done; echo zombies $(${zombies}); date +%s%3N; exit 7`;
    await expectOnceWithin(1_000, async () => {
      const pod = await startInPod('sh', '-c', script);
      const { code, stdout } = await pod.result;
      const endedAt = Date.now();
      const [, zombiesLeft, commandEndedAt] = /zombies (\d+)\n(\d+)\n/.exec(stdout) ?? [];
      expect([code, zombiesLeft]).toEqual([7, '0']);
      return endedAt - Number(commandEndedAt);
    });
  });

  it('forwards SIGTERM', async ({ skip }) => {
    needPods(skip);
    const pod = await startInPod('sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done');
    await new Promise((resolve) => pod.process.stdout?.once('data', resolve));
    await pod.kill('SIGTERM');
    expect((await pod.result).code).toBe(9);
  });
});
