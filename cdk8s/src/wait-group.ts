// A WaitGroup as a construct, and the grants that let service accounts count on it or wait for it.
import {
  API_GROUP_VERSION,
  formatDuration,
  parseDuration,
  parseWaitGroup,
  type WaitGroupSpec,
  waitGroupKind,
} from '@konductor/schema';
import { ApiObject, type ApiObjectMetadata, type Duration } from 'cdk8s';
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { waiterRules, workerRules } from './rbac.ts';

const TYPE = { apiVersion: API_GROUP_VERSION, kind: waitGroupKind.kind };
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** The fields of a WaitGroup's spec, and its metadata. */
export interface WaitGroupProps extends Omit<WaitGroupSpec, 'ttl'> {
  /** The name must be a DNS label; absent: made from the construct's path. */
  readonly metadata?: ApiObjectMetadata;
  /** How long after its completion the group is deleted: a Duration, or text as Go writes it, like `1h30m`. */
  readonly ttl?: Duration | string;
}

/** A counter that workers raise and lower, and that waiters wait on. */
export class WaitGroup extends Construct {
  readonly #object: ApiObject;
  readonly #subjects = new Map<string, k8s.Subject[]>();

  /** Throws when a field of the spec is not what the API server would take. */
  constructor(scope: Construct, id: string, { metadata, ...props }: WaitGroupProps = {}) {
    super(scope, id);
    this.#object = new ApiObject(this, 'Resource', {
      ...TYPE,
      metadata,
      spec: specOf(this.node.path, props),
    });
  }

  get name(): string {
    return this.#object.name;
  }

  /** Lets an account's pods call `koncli waitgroup add`, `done` and `wait` on this group, and nothing more. */
  grantWorker(account: IServiceAccount): void {
    this.#grant('worker', workerRules(this.name), account);
  }

  /** Lets an account's pods call `koncli waitgroup wait` on this group, and nothing more. */
  grantWaiter(account: IServiceAccount): void {
    this.#grant('waiter', waiterRules(this.name), account);
  }

  #grant(purpose: string, rules: k8s.PolicyRule[], account: IServiceAccount): void {
    const subjects = this.#subjects.get(purpose) ?? this.#bindRole(purpose, rules);
    const { kind, name, namespace } = account.toSubjectConfiguration();
    subjects.push({ kind, name, namespace });
  }

  /** Makes the role and its binding, whose subjects are what the returned array holds at synthesis. */
  #bindRole(purpose: string, rules: k8s.PolicyRule[]): k8s.Subject[] {
    const subjects: k8s.Subject[] = [];
    this.#subjects.set(purpose, subjects);
    const metadata = { name: `${this.name}-${purpose}`, namespace: this.#object.metadata.namespace };
    const { apiGroup, kind, name } = new k8s.KubeRole(this, `${purpose}-role`, { metadata, rules });
    new k8s.KubeRoleBinding(this, `${purpose}-binding`, {
      metadata,
      roleRef: { apiGroup, kind, name },
      subjects,
    });
    return subjects;
  }
}

/** The spec as the API server takes it; absent when it would be empty. */
function specOf(path: string, { ttl, ...rest }: Omit<WaitGroupProps, 'metadata'>): WaitGroupSpec | undefined {
  try {
    const spec = ttl === undefined ? rest : { ...rest, ttl: ttlText(ttl) };
    parseWaitGroup({ ...TYPE, metadata: { name: path }, spec });
    return Object.keys(spec).length === 0 ? undefined : spec;
  } catch (error) {
    throw new Error(`WaitGroup ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function ttlText(ttl: Duration | string): string {
  if (typeof ttl !== 'string') return formatDuration(BigInt(ttl.toMilliseconds()) * NANOSECONDS_PER_MILLISECOND);
  const parsed = parseDuration(ttl);
  if (!parsed.ok) throw new Error(`ttl ${parsed.message}`);
  if (parsed.nanoseconds < 0n) throw new Error(`ttl "${ttl}" is negative; write 0s to have it deleted at once`);
  return ttl;
}
