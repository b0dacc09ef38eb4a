import { VERSION } from '@konductor/cli';
import { describe, expect, it } from 'vitest';
import { koncli } from './invocations.ts';

const VERBS = ['create', 'add', 'done', 'wait', 'run', 'get', 'list', 'status', 'set', 'delete'];
const WITH_EXAMPLES = [...VERBS.map((verb) => `waitgroup ${verb}`), 'status', 'doctor', 'completion', 'install-to'];

describe('koncli help', () => {
  it.each([
    '',
    'waitgroup',
    ...VERBS.map((verb) => `waitgroup ${verb}`),
    'status',
    'doctor',
    'completion',
    'install-to',
    'version',
  ])('of koncli %s', async (line) => {
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

  it.each(['waitgroup add', 'wg add', 'doctor', ''])(
    'for koncli %s is the same with the help command',
    async (line) => {
      const words = line.split(' ').filter(Boolean);
      const { stdout } = await koncli([...words, '--help']);
      expect(await koncli(['help', ...words])).toEqual({ code: 0, stdout, stderr: '' });
      if (words.length === 2) expect((await koncli(['wg', 'help', ...words.slice(1)])).stdout).toBe(stdout);
    },
  );

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
    expect(await koncli(['version'])).toEqual({
      code: 0,
      stdout: `koncli ${VERSION} (Test 1.0, test/test)\n`,
      stderr: '',
    });
  });

  it('prints JSON and YAML', async () => {
    const { stdout } = await koncli(['version', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({ version: VERSION, runtime: 'Test 1.0, test/test' });
    expect((await koncli(['version', '-o=yaml'])).stdout).toBe(`version: ${VERSION}\nruntime: Test 1.0, test/test\n`);
  });
});

describe('invalid usage', () => {
  it.each([
    ['foo', "unknown command 'foo'; see koncli --help"],
    ['wg foo', "unknown command 'foo'; see koncli waitgroup --help"],
    ['wg lsit', "unknown command 'lsit' (Did you mean list?); see koncli waitgroup --help"],
    ['wg add x --dleta 3', "unknown option '--dleta' (Did you mean --delta?); see koncli waitgroup add --help"],
    ['wg add x --delta', "option '--delta <count>' argument missing; see koncli waitgroup add --help"],
    [
      'wg done x --delta -1',
      /^option '--delta <count>' argument '-1' is invalid. done only lowers the counter; use add to raise it; see/,
    ],
    [
      'wg add x --delta=',
      /^option '--delta <count>' argument '' is invalid. It must be a whole number, such as 5; see/,
    ],
    [
      'wg add x y',
      /^too many arguments for 'add'. Expected 1 argument but got 2: x, y; see koncli waitgroup add --help/,
    ],
    ['help nope', "unknown command 'nope'; see koncli --help"],
    ['help wg nope', "unknown command 'nope'; see koncli waitgroup --help"],
    ['wg help nope', "unknown command 'nope'; see koncli waitgroup --help"],
    ['wg status x y', /^too many arguments for 'status'/],
    [
      'wg add',
      'no WaitGroup name: pass it as an argument, or set KONDUCTOR_WAITGROUP; see koncli waitgroup add --help',
    ],
    ['wg get Foo', /^invalid WaitGroup name 'Foo': it must have 1 to 63 lower-case letters, digits or hyphens; see/],
    [
      'wg add x --timeout 0',
      'only wait accepts a timeout of 0: give add a longer one, such as 10s; see koncli waitgroup add --help',
    ],
    [
      'wg get x --timeout 5',
      /^option '--timeout <duration>' argument '5' is invalid. "5" is not a valid duration; use a format like 1h30m, 90s or 500ms; see/,
    ],
    [
      'wg get x -o xml',
      /^option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are text, wide, json, yaml, name; see/,
    ],
    ['wg get x -n Foo', /^option '-n, --namespace <name>' argument 'Foo' is invalid. It must have 1 to 63/],
    ['wg delete x -o json', 'delete supports only -o text and -o name; see koncli waitgroup delete --help'],
    ['wg wait -l=', 'the selector is empty: give labels, such as -l app=x; see koncli waitgroup wait --help'],
    ['wg wait x -l a=b', 'give names or a selector, not both; see koncli waitgroup wait --help'],
    ['wg add x --ttl 1h', '--ttl requires --create; see koncli waitgroup add --help'],
    [
      'wg get x -w --timeout 0',
      'only wait accepts a timeout of 0: give get a longer one, such as 10s; see koncli waitgroup get --help',
    ],
    ['wg set x --counter 0', "required option '--reason <text>' not specified; see koncli waitgroup set --help"],
    ['wg set x --reason y', "required option '--counter <count>' not specified; see koncli waitgroup set --help"],
    ['wg set x --reason y --counter -1', /^option '--counter <count>' argument '-1' is invalid. It must be from 0 to/],
    ['wg set x --counter 0 --reason=', /^option '--reason <text>' argument '' is invalid. It must not be empty/],
    [
      'wg run x',
      'put -- before the command, as in: koncli waitgroup run batch -- ./work; see koncli waitgroup run --help',
    ],
    [
      'wg run x ls -la',
      'put -- before the command, as in: koncli waitgroup run batch -- ./work; see koncli waitgroup run --help',
    ],
    ['wg run x --', 'no command: give it after --; see koncli waitgroup run --help'],
    [
      'wg run x ls -- -la',
      "unexpected argument 'ls': only the name of the WaitGroup goes before --; see koncli waitgroup run --help",
    ],
    [
      'wg run -- ls x -n y',
      'no WaitGroup name: pass it as an argument, or set KONDUCTOR_WAITGROUP; see koncli waitgroup run --help',
    ],
    ['wg run Foo -- ls', /^invalid WaitGroup name 'Foo'/],
    ['wg run x --noadd -- ls', "unknown option '--noadd' (Did you mean --no-add?); see koncli waitgroup run --help"],
    [
      'wg run x --done-timeout 0 -- ls',
      /^option '--done-timeout <duration>' argument '0' is invalid. It must be longer than 0/,
    ],
    [
      'wg run x --timeout 0 -- ls',
      'only wait accepts a timeout of 0: give run a longer one, such as 10s; see koncli waitgroup run --help',
    ],
    ['wg create x --ttl 1d', /^option '--ttl <duration>' argument '1d' is invalid. "1d" is not a valid duration/],
  ])('is reported in one line: koncli %s: %s', async (line, says) => {
    const { code, stdout, stderr } = await koncli(line.split(' '));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^koncli: [^\n]+\n$/);
    const message = stderr.slice('koncli: '.length, -1);
    if (typeof says === 'string') expect(message).toBe(says);
    else expect(message).toMatch(says);
  });

  it.each([
    [{ KONDUCTOR_TIMEOUT: 'soon' }, /^koncli: KONDUCTOR_TIMEOUT='soon': "soon" is not a valid duration/],
    [{ KONDUCTOR_TIMEOUT: '0' }, /^koncli: only wait accepts a timeout of 0/],
    [{ KONDUCTOR_NAMESPACE: 'Foo' }, /^koncli: KONDUCTOR_NAMESPACE='Foo': It must have 1 to 63/],
    [{ KONDUCTOR_WAITGROUP: 'Foo' }, /^koncli: KONDUCTOR_WAITGROUP='Foo': invalid WaitGroup name 'Foo'/],
  ])('in the environment names the variable: %j', async (env, says) => {
    const { code, stderr } = await koncli(['wg', 'add'], { env: { KONDUCTOR_WAITGROUP: 'x', ...env } });
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
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
    expect(stderr).toMatch(/^koncli: no cluster.*\nkoncli: ConnectionError: no cluster.*\n {4}at /);
  });
});
