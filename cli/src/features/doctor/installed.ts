// Reads objects of the installation, and says what is wrong with those of one part of it.
import { ForbiddenError, NotFoundError, ResourceNotServedError, resourcePath } from '@konductor/client';
import { VERSION } from '../../version.ts';
import type { CheckContext } from './check.ts';

/** An object that a manifest installs. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent: of the cluster. */
  readonly namespace?: string | undefined;
}

/** What was found of it. */
export interface Installed extends ObjectReference {
  readonly state: 'found' | 'notFound' | 'forbidden';
  /** What is wrong with it. */
  readonly problem?: string | undefined;
}

interface Stored {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly policyName?: string; readonly validationActions?: readonly string[] };
}

const ADMISSION = 'admissionregistration.k8s.io/v1';
const VERSION_LABEL = 'app.kubernetes.io/version';

/** A policy and its binding, which has the same name. */
export function policyObjects(kind: string, name: string): readonly ObjectReference[] {
  return [kind, `${kind}Binding`].map((kind) => ({ apiVersion: ADMISSION, kind, name }));
}

export function readInstalled(context: CheckContext, references: readonly ObjectReference[]): Promise<Installed[]> {
  return Promise.all(references.map((reference) => read(context, reference)));
}

/** A policy that the API server is too old for is not installed. */
async function read({ transport, limits }: CheckContext, reference: ObjectReference): Promise<Installed> {
  const { apiVersion, kind, name, namespace } = reference;
  const resource = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
  const path = resourcePath({ apiVersion, resource, name, namespace });
  try {
    const stored = await transport.request<Stored>({ method: 'GET', path, ...limits });
    return { ...reference, state: 'found', problem: problemOf(stored, reference) };
  } catch (error) {
    if (error instanceof ForbiddenError) return { ...reference, state: 'forbidden' };
    if (error instanceof NotFoundError || error instanceof ResourceNotServedError)
      return { ...reference, state: 'notFound' };
    throw error;
  }
}

function problemOf({ metadata, spec }: Stored, { kind, name }: ObjectReference): string | undefined {
  const version = metadata.labels?.[VERSION_LABEL];
  if (version !== VERSION) return `is of ${version === undefined ? 'an unknown version' : `version ${version}`}`;
  if (!kind.endsWith('PolicyBinding')) return undefined;
  if (spec?.policyName !== name) return `binds another policy, ${spec?.policyName}`;
  const isLax = kind.startsWith('Validating') && !spec.validationActions?.includes('Deny');
  return isLax ? 'does not deny' : undefined;
}

/** `ValidatingAdmissionPolicy workers.konductor.io is not installed`, for the first of them; undefined if nothing is wrong. */
export function describeProblems(objects: readonly Installed[]): string | undefined {
  const wrong = objects.filter(({ state, problem }) => state === 'notFound' || problem !== undefined);
  const texts = wrong.map(({ kind, name, problem }) => `${kind} ${name} ${problem ?? 'is not installed'}`);
  return texts.length === 0 ? undefined : texts.join(', ');
}
