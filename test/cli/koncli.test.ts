import { VERSION } from '@konductor/cli';
import { describe, expect, it } from 'vitest';
import { koncli } from './invocations.ts';

const VERBS = ['create', 'add', 'done', 'fail', 'wait', 'run', 'get', 'list', 'status', 'release', 'set', 'delete'];
const WITH_EXAMPLES = [...VERBS.map((verb) => `waitgroup ${verb}`), 'status', 'doctor', 'completion', 'install-to'];

describe('koncli help', () => {
  it.each(['', 'waitgroup', ...WITH_EXAMPLES, 'version'])('of koncli %s', async (line) => {
    const { code, stdout, stderr } = await koncli([...line.split(' ').filter(Boolean), '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatchSnapshot();
  });

  it.each(WITH_EXAMPLES)('for %s shows examples with the name it was called by', async (line) => {
    const { stdout } = await koncli([...line.split(' '), '--help'], { program: 'kubectl konductor' });
    const [, examples = ''] = /\nExamples:\n((?: {2}# .+\n {2}.+\n)+)$/.exec(stdout) ?? [];
    expect(examples).toContain(`kubectl konductor ${line}`);
    expect(examples).not.toMatch(/^ {2}[^#]*\bkoncli [a-z]/m);
  });

  it.each(WITH_EXAMPLES)('for %s shows valid examples', async (line) => {
    const { stdout } = await koncli([...line.split(' '), '--help']);
    for (const [, args = ''] of stdout.split('\nExamples:\n')[1]?.matchAll(/\bkoncli ([a-z][^|>)\n]*)/g) ?? []) {
      const argv = args.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [];
      const { stderr } = await koncli(argv, { env: { HOME: '/nonexistent', KONDUCTOR_WAITGROUP: 'batch' } });
      expect(stderr).not.toContain('; see koncli');
    }
  });

  it.each(['waitgroup add', 'wg add', 'doctor', ''])('for koncli %s is that of the help command', async (line) => {
    const words = line.split(' ').filter(Boolean);
    const { stdout } = await koncli([...words, '--help']);
    expect(await koncli(['help', ...words])).toEqual({ code: 0, stdout, stderr: '' });
    if (words.length === 2) expect((await koncli(['wg', 'help', ...words.slice(1)])).stdout).toBe(stdout);
  });

  it('is shown on stderr when the command is missing', async () => {
    for (const argv of [[], ['waitgroup'], ['wg']]) {
      const { code, stdout, stderr } = await koncli(argv);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('Usage: koncli');
    }
  });

  it('fits the terminal', async () => {
    const { stdout } = await koncli(['waitgroup', 'wait', '--help']);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('koncli version', () => {
  it('prints version and runtime without a cluster', async () => {
    const stdout = `koncli ${VERSION} (Test 1.0, test/test)\n`;
    expect(await koncli(['version'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('ignores variables that it does not use', async () => {
    const env = { KONDUCTOR_TIMEOUT: 'x', KONDUCTOR_NAMESPACE: 'X' };
    expect((await koncli(['version'], { env })).code).toBe(0);
  });

  it('prints JSON and YAML', async () => {
    const { stdout } = await koncli(['version', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({ version: VERSION, runtime: 'Test 1.0, test/test' });
    expect((await koncli(['version', '-o=yaml'])).stdout).toBe(`version: ${VERSION}\nruntime: Test 1.0, test/test\n`);
  });
});

describe('invalid usage', () => {
  const invalid = (option: string, value: string, says: string) =>
    `option '${option}' argument '${value}' is invalid. ${says}`;
  const noDuration = '"5" is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit';
  const formats = 'Allowed choices are text, wide, json, yaml, name';
  const timeoutOf = (verb: string) => `only wait accepts a timeout of 0: give ${verb} a longer one, such as 10s`;
  const noName = 'no WaitGroup name: pass it as an argument, or set KONDUCTOR_WAITGROUP';
  const noDashes = 'put -- before the command, as in: koncli waitgroup run batch -- ./work';
  const badName = "invalid WaitGroup name 'Foo': it must have 1 to 63 lowercase letters, digits or hyphens";

  // The help that the line names is that of the first two words, unless it is given.
  it.each<[line: string, says: string, path?: string]>([
    ['foo', "unknown command 'foo'", ''],
    ['wg foo', "unknown command 'foo'", 'wg'],
    ['wg lsit', "unknown command 'lsit' (Did you mean list?)", 'wg'],
    ['wait x', "unknown command 'wait' (Did you mean koncli waitgroup wait?)", ''],
    ['ls', "unknown command 'ls' (Did you mean koncli waitgroup ls?)", ''],
    ['wg relase x', "unknown command 'relase'; see", 'wg'],
    ['wg reset x', "unknown command 'reset'; see", 'wg'],
    ['wg status -A', "unknown option '-A' (Did you mean koncli status -A?)"],
    ['wg add x --dleta 3', "unknown option '--dleta' (Did you mean --delta?)"],
    ['wg add x --delta', "option '--delta <count>' argument missing"],
    ['wg done x --delta -1', invalid('--delta <count>', '-1', 'done only lowers the counter; use add to raise it')],
    ['wg fail x', "required option '--message <text>' not specified"],
    ['wg fail x --message=', invalid('--message <text>', '', 'It must not be empty')],
    ['wg fail x --message m --delta -1', invalid('--delta <count>', '-1', 'fail never raises the counter: give 0')],
    [
      'wg fail x --message m --reason no-space',
      invalid('--reason <word>', 'no-space', 'It must be one CamelCase word'),
    ],
    ['wg fial x', "unknown command 'fial'; see", 'wg'],
    ['wg mail x', "unknown command 'mail'; see", 'wg'],
    ['fail x', "unknown command 'fail' (Did you mean koncli waitgroup fail?)", ''],
    ['wg run x --on-failure=stop -- ls', invalid('--on-failure <action>', 'stop', 'Allowed choices are keep, fail')],
    ['wg create x --deadline 0s', invalid('--deadline <duration>', '0s', 'It must be longer than 0, such as 2h')],
    ['wg add x --delta=', invalid('--delta <count>', '', 'It must be a whole number, such as 5')],
    ['wg add x y', "too many arguments for 'add'. Expected 1 argument but got 2: x, y"],
    ['help nope', "unknown command 'nope'", ''],
    ['help wg nope', "unknown command 'nope'", 'wg'],
    ['wg help nope', "unknown command 'nope'", 'wg'],
    ['wg status x y', "too many arguments for 'status'"],
    ['wg add', noName],
    ['wg get Foo', badName],
    ['wg add x --timeout 0', timeoutOf('add')],
    ['wg get x --timeout 5', invalid('--timeout <duration>', '5', noDuration), ''],
    ['wg get x -o xml', invalid('-o, --output <format>', 'xml', formats), ''],
    ['wg get x -n Foo', invalid('-n, --namespace <name>', 'Foo', 'It must have 1 to 63'), ''],
    ['wg delete x -o json', 'delete supports only -o text and -o name'],
    ['wg wait -l=', 'the selector is empty: give labels, such as -l app=x'],
    ['wg wait x -l a=b', 'give names or a selector, not both'],
    ['wg wait x --timeout 0 --appear-timeout 5s', '--appear-timeout has no effect with a timeout of 0'],
    ['wg run x -o json -- ls', 'run does not support -o'],
    ['completion nope', "'nope' is invalid for <shell>. Allowed choices are bash, zsh, fish", 'completion'],
    ['completion bash -o json', 'completion does not support -o', 'completion'],
    ['install-to /target -o json', 'install-to does not support -o', 'install-to'],
    ['wg add x --ttl 1h', '--ttl requires --create'],
    ['wg add x --deadline 1h', '--deadline requires --create'],
    ['wg add x --create --deadline 0s', invalid('--deadline <duration>', '0s', 'It must be longer than 0')],
    ['wg get x -w --timeout 0', timeoutOf('get')],
    ['wg set x --counter 0', "required option '--reason <text>' not specified"],
    ['wg set x --reason y', "required option '--counter <count>' not specified"],
    ['wg set x --reason y --counter -1', invalid('--counter <count>', '-1', 'It must be from 0 to')],
    ['wg set x --counter 0 --reason=', invalid('--reason <text>', '', 'It must not be empty')],
    ['wg release x', "required option '--worker <id>' not specified"],
    ['wg release x --worker A', invalid('--worker <id>', 'A', 'It must have 1 to 63')],
    ['wg add x --worker A_b', invalid('--worker <id>', 'A_b', 'It must have 1 to 63 lowercase letters')],
    ['wg add x --worker=', invalid('--worker <id>', '', 'It must have 1 to 63')],
    ['wg done x --worker a --anonymous', 'give --worker or --anonymous, not both'],
    [
      'wg add x --worker auto --delta 3',
      '--delta must be 1 with --worker, because a worker counts its own work: remove it,',
    ],
    ['wg fail x --worker a --message m --delta 0', '--delta must be 1 with --worker'],
    ['wg done x --worker a --operation-id y', '--operation-id has no effect with --worker, which makes retries safe'],
    ['wg run x', noDashes],
    ['wg run x ls -la', noDashes],
    ['wg run x --', 'no command: give it after --'],
    ['wg run x ls -- -la', "unexpected argument 'ls': only the name of the WaitGroup goes before --"],
    ['wg run -- ls x -n y', noName],
    ['wg run Foo -- ls', "invalid WaitGroup name 'Foo'"],
    ['wg run x --noadd -- ls', "unknown option '--noadd' (Did you mean --no-add?)"],
    ['wg run x --done-timeout 0 -- ls', invalid('--done-timeout <duration>', '0', 'It must be longer than 0')],
    ['wg run x --timeout 0 -- ls', timeoutOf('run')],
    ['wg create x --ttl 1d', invalid('--ttl <duration>', '1d', '"1d" is not a valid duration')],
  ])('is reported in one line: koncli %s: %s', async (line, says, path) => {
    const words = line.split(' ');
    const { code, stdout, stderr } = await koncli(words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^koncli: [^\n]+\n$/);
    expect(stderr.startsWith(`koncli: ${says}`)).toBe(true);
    const called = `koncli ${path ?? words.slice(0, 2).join(' ')}`.replace('wg', 'waitgroup').trim();
    expect(stderr.endsWith(`; see ${called} --help\n`)).toBe(true);
  });

  it.each([
    [{ KONDUCTOR_TIMEOUT: 'soon' }, /^koncli: KONDUCTOR_TIMEOUT='soon': "soon" is not a valid duration/],
    [{ KONDUCTOR_TIMEOUT: '0' }, /^koncli: only wait accepts a timeout of 0/],
    [{ KONDUCTOR_NAMESPACE: 'Foo' }, /^koncli: KONDUCTOR_NAMESPACE='Foo': it must have 1 to 63/],
    [{ KONDUCTOR_TIMEOUT: '-1s' }, /^koncli: KONDUCTOR_TIMEOUT='-1s': it must not be negative; see .* --help\n$/],
    [{ KONDUCTOR_WAITGROUP: 'Foo' }, /^koncli: KONDUCTOR_WAITGROUP='Foo': invalid WaitGroup name 'Foo'/],
    [{ KONDUCTOR_WORKER_ID: 'A' }, /^koncli: KONDUCTOR_WORKER_ID='A': it must have 1 to 63/],
  ])('in the environment names the variable: %j', async (env, says) => {
    const { code, stderr } = await koncli(['wg', 'add'], { env: { KONDUCTOR_WAITGROUP: 'x', ...env } });
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
  });
});

describe('the variable of the worker', () => {
  const add = (...flags: string[]) => koncli(['wg', 'add', 'x', ...flags], { env: { KONDUCTOR_WORKER_ID: 'auto' } });

  it('goes with no other delta than 1, and with no operation ID', async () => {
    const { stderr } = await add('--delta', '3');
    expect(stderr).toMatch(
      /^koncli: --delta must be 1 with \$KONDUCTOR_WORKER_ID, .*: remove it, or give --anonymous; see/,
    );
    expect((await add('--operation-id', 'y')).stderr).toMatch(
      /^koncli: --operation-id has no effect with \$KONDUCTOR_WOR/,
    );
  });

  it('is overridden by --anonymous', async () => {
    expect((await add('--anonymous', '--delta', '3', '--operation-id', 'y')).stderr).toMatch(
      /^koncli: no cluster found/,
    );
  });
});

describe('a failure', () => {
  const NO_CLUSTER =
    'koncli: no cluster found: set KUBECONFIG or --kubeconfig, or run in a pod with a ServiceAccount token\n';

  // They get as far as looking for a cluster: the line is understood.
  it.each([
    'wg add x --delta -3',
    'wg add x --delta=-3',
    '-n jobs wg get x',
    'wg get x -n=jobs',
    'wg --timeout 5s list -A',
    'wg ls',
    'waitgroup delete wg/x -o=name',
    'wg run x -- true -n Foo --nonsense',
    '-n jobs wg run wg/x --no-add -- true --help -- x',
    'wg run --done-timeout 1s x -n jobs -- true',
  ])('without a cluster is one line: koncli %s', async (line) => {
    expect(await koncli(line.split(' '))).toEqual({ code: 1, stdout: '', stderr: NO_CLUSTER });
  });

  it('shows a stack trace only with --log-level debug', async () => {
    for (const flags of [[], ['-v'], ['--log-level', 'info']])
      expect((await koncli(['wg', 'list', ...flags])).stderr).toBe(NO_CLUSTER);
    const { stderr } = await koncli(['wg', 'list', '--log-level', 'debug']);
    expect(stderr).toMatch(/^koncli: no cluster.*\nkoncli: ConnectionError: no cluster.*\nkoncli: {5}at /);
  });
});
