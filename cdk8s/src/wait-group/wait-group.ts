// The WaitGroup construct, and references to WaitGroups that are created elsewhere.
import { API_GROUP_VERSION, waitGroupKind } from '@konductor/schema';
import { ApiObject, type ApiObjectMetadata, Chart, type Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { checkFields, fieldsOf, inConstruct, optional, type Rules } from '../props/check-props.ts';
import { checkDeadline, checkTtl, durationText } from '../props/durations.ts';
import { checkCount, checkName, checkWorkerPolicy } from '../props/rules.ts';
import { deadlockOf } from '../workloads/deadlocks.ts';
import { declaredOf } from '../workloads/declarations.ts';
import type { Account, Purpose } from './grants.ts';
import { WaitGroupReference } from './wait-group-reference.ts';

// Not the schema's own type, which would make compilers read all of TypeBox: 13 s instead of 2 s for one chart.
/** The metadata of a WaitGroup and the fields of its spec. */
export interface WaitGroupProps {
  /** Metadata of the WaitGroup. The name must be a DNS label. Default: a name generated from the construct's path. */
  readonly metadata?: ApiObjectMetadata;
  /**
   * Time from completion or failure until the WaitGroup is deleted, as a Duration or as text in Go's format, such as `1h30m`.
   * Default: the WaitGroup is never deleted.
   */
  readonly ttl?: Duration | string;
  /**
   * How long work may be outstanding before the WaitGroup fails with the reason `DeadlineExceeded`, above zero, as a Duration or
   * as text in Go's format. Default: no limit.
   */
  readonly deadline?: Duration | string;
  /**
   * Initial value of the counter, from 0 to 2147483647, for a fixed number of workers that do not add themselves. Immutable.
   * Default: 0.
   */
  readonly initialCount?: number;
  /**
   * What happens to the work of a worker whose pod has ended without marking it done: `Keep` leaves it outstanding, `Release`
   * marks it done, `Fail` marks it done and fails the WaitGroup with the reason `WorkerLost`. Default: `Keep`.
   */
  readonly workerPolicy?: 'Keep' | 'Release' | 'Fail';
}

/** Options of {@link WaitGroup.fromName}. */
export interface FromNameOptions {
  /** The namespace of the WaitGroup. Default: the namespace of the chart. */
  readonly namespace?: string;
}

/** A counter that workers raise and lower, and that waiters wait on. */
export class WaitGroup extends WaitGroupReference {
  /**
   * Refers to a WaitGroup that another chart, a manifest or a program creates. Each account gets a Role and a RoleBinding of its
   * own, so that several charts can refer to the same WaitGroup.
   */
  static fromName(scope: Construct, id: string, name: string, options: FromNameOptions = {}): WaitGroupReference {
    return new NamedWaitGroup(scope, id, name, options);
  }

  protected override readonly workersAdd: boolean;
  readonly #object: ApiObject;

  /** Throws if the name or a field of the spec is invalid. */
  constructor(scope: Construct, id: string, props: WaitGroupProps = {}) {
    super(scope, id);
    inConstruct('WaitGroup', this, () => checkFields(props, RULES));
    this.workersAdd = !props.initialCount;
    const { metadata } = props;
    const type = { apiVersion: API_GROUP_VERSION, kind: waitGroupKind.kind };
    this.#object = new ApiObject(this, 'Resource', { ...type, metadata, spec: specOf(props) });
    inConstruct('WaitGroup', this, () => takeName(this));
    declaredOf(this).makers.set(this, { initialCount: props.initialCount, hasTtl: props.ttl !== undefined });
    this.node.addValidation({ validate: () => deadlockOf(this) });
  }

  override get name(): string {
    return this.#object.name;
  }

  override get namespace(): string | undefined {
    return this.#object.metadata.namespace;
  }
}

class NamedWaitGroup extends WaitGroupReference {
  override readonly name: string;
  override readonly namespace: string | undefined;
  protected override readonly workersAdd = true;

  constructor(scope: Construct, id: string, name: string, options: FromNameOptions) {
    super(scope, id);
    inConstruct('WaitGroup', this, () => {
      checkName(name, 'name');
      checkFields(options, { namespace: optional(checkName) });
    });
    this.name = name;
    this.namespace = options.namespace ?? Chart.of(scope).namespace;
  }

  /** @internal */
  protected override _grant(purpose: Purpose, account: Account): void {
    const { name, namespace = this.namespace } = account;
    // Two charts with accounts of the same name in different namespaces must not overwrite each other's binding.
    super._grant(purpose, account, namespace === this.namespace ? `-${name}` : `-${namespace}:${name}`);
  }
}

/** The paths of each chart's WaitGroups by their names. */
const taken = new WeakMap<Chart, Map<string, string>>();

function takeName(group: WaitGroup): void {
  const { name, namespace = '', node } = group;
  const chart = Chart.of(group);
  const makers = taken.get(chart) ?? new Map<string, string>();
  taken.set(chart, makers);
  const maker = makers.get(`${namespace}/${name}`);
  if (maker !== undefined)
    throw new Error(`${maker} already creates "${name}" in this chart; choose another name, or use WaitGroup.fromName`);
  makers.set(`${namespace}/${name}`, node.path);
}

const RULES: Rules<WaitGroupProps> = {
  metadata: optional(fieldsOf<ApiObjectMetadata>({ name: optional(checkName), namespace: optional(checkName) })),
  ttl: optional(checkTtl),
  deadline: optional(checkDeadline),
  initialCount: optional(checkCount),
  workerPolicy: optional(checkWorkerPolicy),
};

/** Undefined rather than empty. */
function specOf({ ttl, deadline, initialCount, workerPolicy }: WaitGroupProps): object | undefined {
  const durations = { deadline: deadline && durationText(deadline), ttl: ttl && durationText(ttl) };
  const spec = { initialCount, ...durations, workerPolicy };
  return Object.values(spec).every((value) => value === undefined) ? undefined : spec;
}
