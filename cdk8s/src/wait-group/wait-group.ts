// A WaitGroup as a construct, and the way to one that is made elsewhere.
import { API_GROUP_VERSION, type WaitGroupSpec, waitGroupKind } from '@konductor/schema';
import { ApiObject, type ApiObjectMetadata, Chart, type Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { checkTtl, durationText } from '../props/durations.ts';
import { checkMetadata } from '../props/metadata.ts';
import { checkCount, checkName, inProps } from '../props/rules.ts';
import { checkOptions, checkProps, optional, type Shape } from '../props/shapes.ts';
import { deadlockOf, noteMade } from '../workloads/deadlocks.ts';
import type { Account, Purpose } from './grants.ts';
import { WaitGroupReference } from './wait-group-reference.ts';

const TYPE = { apiVersion: API_GROUP_VERSION, kind: waitGroupKind.kind };

// Written out, as the schema's own type would make compilers read all of TypeBox: 13 s in place of 2 s for one chart.
/** The fields of a WaitGroup's spec, and its metadata. */
export interface WaitGroupProps {
  /** The name must be a DNS label; absent: made from the construct's path. */
  readonly metadata?: ApiObjectMetadata;
  /** How long after its completion the group is deleted: a Duration, or text as Go writes it, like `1h30m`. Absent: never. */
  readonly ttl?: Duration | string;
  /**
   * The counter that a new group starts with, from 0 to 2147483647, so that a fixed number of workers needs nobody to add
   * them. It cannot be changed later. Absent: 0.
   */
  readonly initialCount?: number;
}

/** For {@link WaitGroup.fromName}. */
export interface FromNameOptions {
  /** Absent: the chart's. */
  readonly namespace?: string;
}

/** A counter that workers raise and lower, and that waiters wait on. */
export class WaitGroup extends WaitGroupReference {
  /**
   * A group that another chart, a manifest or a program makes. Each account that it is granted to gets a role and a binding
   * of its own, so that several charts may refer to one group.
   */
  static fromName(scope: Construct, id: string, name: string, options: FromNameOptions = {}): WaitGroupReference {
    return new NamedWaitGroup(scope, id, name, options);
  }

  protected override readonly workersAdd: boolean;
  readonly #object: ApiObject;

  /** Throws when a field of the spec, or the name, is not what the API server would take. */
  constructor(scope: Construct, id: string, props: WaitGroupProps = {}) {
    super(scope, id);
    checkProps('WaitGroup', this, props, SHAPE);
    this.workersAdd = !props.initialCount;
    const spec = inProps('WaitGroup', this, () => specOf(props));
    this.#object = new ApiObject(this, 'Resource', { ...TYPE, metadata: props.metadata, spec });
    inProps('WaitGroup', this, () => takeName(this));
    noteMade(this);
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
    inProps('WaitGroup', this, () => {
      checkName(name, 'the name');
      checkOptions(options, { namespace: optional(checkName) });
    });
    this.name = name;
    this.namespace = options.namespace ?? Chart.of(scope).namespace;
  }

  protected override grant(purpose: Purpose, account: Account): void {
    const { name, namespace = this.namespace } = account;
    // Accounts of one name in two namespaces must not share a binding, which the second chart would take from the first.
    super.grant(purpose, account, namespace === this.namespace ? `-${name}` : `-${namespace}:${name}`);
  }
}

/** Which of a chart's constructs makes which group. */
const taken = new WeakMap<Chart, Map<string, string>>();

function takeName(group: WaitGroup): void {
  const { name, namespace = '', node } = group;
  const chart = Chart.of(group);
  const makers = taken.get(chart) ?? new Map<string, string>();
  taken.set(chart, makers);
  const maker = makers.get(`${namespace}/${name}`);
  if (maker !== undefined)
    throw new Error(`${maker} makes "${name}" in this chart already: choose another name, or refer to it by fromName`);
  makers.set(`${namespace}/${name}`, node.path);
}

const SHAPE: Shape<WaitGroupProps> = {
  metadata: optional(checkMetadata),
  ttl: optional(checkTtl),
  initialCount: optional(checkCount),
};

/** The spec as the API server takes it; absent when it would be empty. */
function specOf({ ttl, initialCount }: WaitGroupProps): WaitGroupSpec | undefined {
  const spec = {
    ...(initialCount !== undefined && { initialCount }),
    ...(ttl !== undefined && { ttl: durationText(ttl) }),
  };
  return Object.keys(spec).length === 0 ? undefined : spec;
}
