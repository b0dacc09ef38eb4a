// Whatever stands in the place of a prop that was right: either the chart is made, or one sentence begins with the construct
// that it is about. Never an error of JavaScript or of the libraries below.
import * as konductor from '@konductor/cdk8s';
import { ApiObject, App, Chart, Duration } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript sees of them
const library: any = konductor;
const koncli = { koncliImage: 'koncli:1', koncliDelivery: 'imageVolume', imagePullSecrets: ['registry'] };
const script = { work: 'do', timeout: '30m', image: 'busybox' };
const labels = { app: 'one' };
const selector = { matchLabels: labels, matchExpressions: [{ key: 'app', operator: 'In', values: ['one'] }] };
const terms = [{ topologyKey: 'zone', labelSelector: selector, namespaces: ['jobs'] }];

/** By class, with every prop that it has. */
const constructs = {
  WaitGroup: {
    metadata: {
      ...{ name: 'batch', namespace: 'jobs', labels, annotations: labels, finalizers: ['example.com/x'] },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'one', uid: '1', controller: true }],
    },
    ttl: Duration.hours(1),
    initialCount: 1,
  },
  BatchJob: { name: 'batch', coordinator: 'coordinator', workers: 2, ttl: '1h', ...script, ...koncli },
  DynamicWorkers: { name: 'batch', worker: 'worker', replicas: 2, work: 'do', image: 'busybox', ttl: '1h', ...koncli },
  Pipeline: { stages: [{ name: 'one', workers: 1, work: 'do' }], timeout: '1m', image: 'busybox', ...koncli },
  KonductorInjection: { koncliImage: 'koncli:1', imagePullSecrets: ['registry'] },
  KonductorMonitoring: { labels, caSecret: 'ca' },
  KonductorOperator: {
    ...{ image: 'operator:1', replicas: 2, includeCrd: true, disruptionBudget: true, ownNamespaceOnly: false },
    ...{ watchNamespace: 'jobs', priorityClassName: 'high', imagePullSecrets: ['registry'], nodeSelector: labels },
    secureMetrics: { certificateSecret: 'tls' },
    networkPolicy: {
      apiServerPorts: [443],
      metricsFrom: [{ namespaceSelector: selector }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
    },
    resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    tolerations: [{ key: 'taint', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: terms,
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: terms[0] }],
      },
    },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  },
};

const group = (scope: Construct) => new library.WaitGroup(scope, 'It', { metadata: { name: 'batch' } });
const accountIn = (scope: Construct) => new ServiceAccount(scope, 'Account');
const containers = [
  {
    ...{ name: 'main', image: 'busybox', command: ['do'], env: [{ name: 'A', value: 'b' }] },
    ...{ volumeMounts: [{ name: 'data', mountPath: '/data' }], securityContext: {} },
  },
];
const job = {
  ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work' } },
  spec: {
    template: {
      metadata: { labels },
      spec: {
        ...{ serviceAccountName: 'own', restartPolicy: 'Never', securityContext: { runAsNonRoot: true } },
        ...{ containers, initContainers: containers, volumes: [{ name: 'data' }], imagePullSecrets: [{ name: 'r' }] },
      },
    },
  },
};

/** Of what is thrown for an object that cdk8s cannot render, koncli or not, nothing is said here. */
function jobOf(scope: Construct, spec: unknown): ApiObject {
  const object = new ApiObject(scope, 'Job', { ...job, spec });
  fc.pre(isRendered(object));
  return object;
}

function isRendered(object: ApiObject): boolean {
  try {
    return object.toJson() !== undefined;
  } catch {
    return false;
  }
}

type Act = (scope: Construct, given: never) => void;

/** What else takes options, with all that it has. */
const acts: readonly (readonly [string, object, Act])[] = [
  [
    'addWorkers',
    { command: ['do'], container: 'main', add: true, ...koncli },
    (scope, options) => group(scope).addWorkers(new ApiObject(scope, 'Job', job), options),
  ],
  [
    'waitFor',
    { timeout: '1h', minAdded: 1, koncliImage: 'koncli:1', imagePullSecrets: ['registry'] },
    (scope, options) => group(scope).waitFor(new ApiObject(scope, 'Job', job), options),
  ],
  [
    'addKoncli',
    { image: 'koncli:1', delivery: 'initContainer', imagePullSecrets: ['registry'] },
    (scope, options) => library.addKoncli(new ApiObject(scope, 'Job', job), options),
  ],
  [
    'fromName',
    { namespace: 'jobs' },
    (scope, options) => library.WaitGroup.fromName(scope, 'It', 'batch', options).grantWorker(accountIn(scope)),
  ],
  ['UserRoles', { labels }, (scope, props) => new library.UserRoles(scope, 'It', props)],
  [
    'OperatorRoles',
    { labels, lease: 'lease', watchNamespace: 'jobs', ownNamespaceOnly: true, serviceAccount: 'of the chart' },
    (scope, props: object) => new library.OperatorRoles(scope, 'It', { ...props, serviceAccount: accountIn(scope) }),
  ],
  ['the worker', job.spec, (scope, spec) => group(scope).addWorkers(jobOf(scope, spec))],
  ['the waiter', job.spec, (scope, spec) => group(scope).waitFor(jobOf(scope, spec))],
];

const oddValues = [null, '', 0, -1, 1.5, NaN, Infinity, true, 1n, Symbol('odd'), () => 1, [], {}, [null], [[]], [{}]];
const odd = fc.oneof(
  fc.constantFrom<unknown>(...oddValues, undefined, 'Ünï', 'a'.repeat(64), 'a'.repeat(300), new Map(), new Date(0)),
  fc.constantFrom<unknown>({ toMilliseconds: 1 }, { toMilliseconds: () => NaN }, Object.create(null), Buffer.from('x')),
  fc.anything(),
);

/** The place of every value, and of the whole. */
function placesIn(value: unknown, place: readonly string[] = []): readonly string[][] {
  const isLeaf = typeof value !== 'object' || value === null || value instanceof Duration;
  return [
    [...place],
    ...(isLeaf ? [] : Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...place, key]))),
  ];
}

function putAt(value: unknown, [key, ...rest]: readonly string[], given: unknown): unknown {
  if (key === undefined) return given;
  const inner = putAt((value as Record<string, unknown>)[key], rest, given);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as object), [key]: inner };
}

function neverRaw(good: object, begin: RegExp, act: Act): void {
  const places = fc.constantFrom(...placesIn(good));
  const property = fc.property(places, odd, (place, given) => {
    const chart = new Chart(new App(), 'test');
    try {
      act(chart, putAt(good, place, given) as never);
      chart.toJson();
    } catch (error) {
      if (error instanceof fc.PreconditionFailure) throw error;
      expect(String(error)).toMatch(begin);
    }
  });
  fc.assert(property, { seed: 23, numRuns: 250 });
}

describe('odd values for the props of', () => {
  it.each(Object.entries(constructs))('%s are refused in a sentence that names it, or do no harm', (kind, good) => {
    neverRaw(
      good,
      new RegExp(`^Error: ${kind} test/It: [^\\n]+`),
      (scope, props) => new library[kind](scope, 'It', props),
    );
  });

  it.each(acts)('%s are refused in a sentence that names it, or do no harm', (_, good, act) => {
    neverRaw(good, /^Error: \w+ (\w+ \(test\/Job\)|test\/It): [^\n]+/, act);
  });
});

it('takes every prop as it should be', () => {
  const { secureMetrics, ...operator } = constructs.KonductorOperator;
  for (const [kind, props] of Object.entries({ ...constructs, KonductorOperator: operator })) {
    const chart = new Chart(new App(), 'test');
    expect(() => new library[kind](chart, 'It', props) && chart.toJson(), kind).not.toThrow();
  }
  for (const [name, options, act] of acts) {
    const chart = new Chart(new App(), 'test');
    act(chart, options as never);
    expect(chart.toJson(), name).not.toEqual([]);
  }
});
