import { type OperatorOptions, type ParsedArguments, parseArguments } from '@konductor/operator';
import { describe, expect, it } from 'vitest';

const optionsOf = (...argv: string[]): OperatorOptions => {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'run') throw new Error(`it does not run: ${JSON.stringify(parsed)}`);
  return parsed.options;
};
const exitOf = (...argv: string[]): ParsedArguments & { kind: 'exit' } => {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'exit') throw new Error(`it does not exit: ${parsed.kind}`);
  return parsed;
};

describe('the command line', () => {
  it('has the defaults of controller-runtime', () => {
    expect(optionsOf()).toEqual({
      metricsBindAddress: { port: 8080 },
      healthProbeBindAddress: { port: 8081 },
      logLevel: 'info',
    });
  });

  it.each<[string, Partial<OperatorOptions>]>([
    ['--kubeconfig=/etc/kubeconfig', { kubeconfig: '/etc/kubeconfig' }],
    ['--metrics-bind-address=127.0.0.1:0', { metricsBindAddress: { host: '127.0.0.1', port: 0 } }],
    ['--metrics-bind-address=0', { metricsBindAddress: 'off' }],
    ['--health-probe-bind-address=:9090', { healthProbeBindAddress: { port: 9090 } }],
    ['--watch-namespace=jobs', { watchNamespace: 'jobs' }],
    ['--leader-election-id=konductor.io-operator', {}],
    ['--log-level=debug', { logLevel: 'debug' }],
  ])('takes %s', (flag, options) => {
    expect(optionsOf(flag)).toMatchObject(options);
    expect(optionsOf(...flag.split('='))).toMatchObject(options);
  });

  it('leaves leader election off by default, and has the times of controller managers', () => {
    expect(optionsOf().leaderElection).toBeUndefined();
    expect(optionsOf('--leader-elect').leaderElection).toEqual({
      leaseName: 'konductor-operator',
      namespace: undefined,
      times: { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 },
    });
  });

  it('takes the Lease and the times of leader election', () => {
    const flags = ['id=mine', 'namespace=ops'].map((flag) => `--leader-election-${flag}`);
    const times = ['lease-duration=3s', 'renew-deadline=1.5s', 'retry-period=500ms'];
    const { leaderElection } = optionsOf('--leader-elect', ...flags, ...times.map((flag) => `--leader-elect-${flag}`));
    expect(leaderElection).toEqual({
      leaseName: 'mine',
      namespace: 'ops',
      times: { leaseDurationMs: 3_000, renewDeadlineMs: 1_500, retryPeriodMs: 500 },
    });
  });

  it('takes the certificate of secured metrics', () => {
    expect(optionsOf('--metrics-secure', '--metrics-cert-path=/tls')).toMatchObject({ metricsCertPath: '/tls' });
  });

  it.each([
    [['--unknown'], "konductor-operator: unknown option '--unknown'"],
    [['extra'], 'konductor-operator: too many arguments'],
    [['--log-level=loud'], "'loud' is invalid. Allowed choices are debug, info, warn, error."],
    [['--metrics-bind-address=8080'], "'8080' is invalid. Expected an address such as :8080 or 127.0.0.1:8080, or 0."],
    [['--leader-elect-retry-period=soon'], "'soon' is invalid. Expected a duration such as 15s or 500ms."],
    [
      ['--leader-elect', '--leader-elect-lease-duration=10s'],
      'leader election: the lease duration must be greater than the renew deadline',
    ],
    [['--metrics-secure'], '--metrics-secure and --metrics-cert-path must be set together'],
    [['--metrics-cert-path=/tls'], '--metrics-secure and --metrics-cert-path must be set together'],
    [
      ['--watch-namespace=a,b'],
      "'a,b' is invalid. Expected the name of one namespace; omit the flag to watch all namespaces.",
    ],
    [
      ['--watch-namespace='],
      "'' is invalid. Expected the name of one namespace; omit the flag to watch all namespaces.",
    ],
    [['--watch-namespace=$(POD_NAMESPACE)'], "'$(POD_NAMESPACE)' is invalid. Expected the name of one namespace"],
    [['--leader-election-id='], "'' is invalid. Expected a name of lowercase letters, digits, hyphens and dots."],
    [['--leader-election-id=A_B'], "'A_B' is invalid. Expected a name of lowercase letters, digits, hyphens and dots."],
    [['--leader-election-namespace=../x'], "'../x' is invalid. Expected the name of a namespace."],
    [['--kubeconfig'], "option '--kubeconfig <path>' argument missing"],
  ])('rejects %j in one line, with exit code 1', (argv, message) => {
    const { code, stdout, stderr } = exitOf(...argv);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^konductor-operator: [^\n]+\n$/);
    expect([code, stdout]).toEqual([1, '']);
  });

  it('prints its version', () => {
    expect(exitOf('--version')).toEqual({
      kind: 'exit',
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  it('prints its help', () => {
    const { code, stdout, stderr } = exitOf('--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatchSnapshot();
  });
});
