// Compares the CRDs of the cluster with those of this koncli version.
import { AbortedError, isServed, type KindReference, servedSchema, sleep } from '@konductor/client';
import {
  API_GROUP,
  API_GROUP_VERSION,
  customResourceDefinition,
  type KindDefinition,
  waitGroupKind,
  waitGroupWorkerKind,
} from '@konductor/schema';
import { INSTALL } from '../../failure/failure.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { VERSION } from '../../version.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { compareSchemas, type SchemaDifferences } from './schema-differences.ts';

const INSTALL_IT = `install it with ${INSTALL}`;
/** The API server publishes the schema a moment after the CRD is installed. */
const PUBLISHING_MS = 5_000;
const RETRY_MS = 200;

/** The first problem of either CRD. Throws the client's error where no kind of Konductor is installed. */
export async function examineCrd(context: CheckContext): Promise<Finding> {
  const kinds = [waitGroupKind, waitGroupWorkerKind];
  const findings = await Promise.all(kinds.map((kind) => examineKind(kind, context)));
  const worst =
    findings.find(({ outcome }) => outcome === 'failure') ?? findings.find(({ outcome }) => outcome !== 'ok');
  return worst ?? ok(`${kinds.map(crdOf).join(' and ')} match koncli ${VERSION}`);
}

async function examineKind(kind: KindDefinition, context: CheckContext): Promise<Finding> {
  const crd = crdOf(kind);
  if (!(await isServed(context.transport, referenceTo(kind), context.limits)))
    return { outcome: 'failure', message: `${crd} is not installed`, advice: INSTALL_IT, code: EXIT_CODE.notFound };
  try {
    const served = await publishedSchema(kind, context);
    return served
      ? describe(crd, compareSchemas(ownSchema(kind), served))
      : unpublished(crd, 'it is not published yet');
  } catch (error) {
    if (error instanceof AbortedError || !(error instanceof Error)) throw error;
    return unpublished(crd, error.message);
  }
}

async function publishedSchema(kind: KindDefinition, context: CheckContext): Promise<object | undefined> {
  const endsAt = performance.now() + PUBLISHING_MS;
  for (;;) {
    const served = await servedSchema(context.transport, referenceTo(kind), context.limits);
    if (served || performance.now() >= endsAt) return served;
    await sleep(RETRY_MS, context.limits.signal);
  }
}

/** The API server still validates objects: only the comparison is missing. */
function unpublished(crd: string, reason: string): Finding {
  return warning(`${crd} is installed, but its schema cannot be read: ${reason}`, 'try again');
}

function describe(crd: string, { missing, changed }: SchemaDifferences): Finding {
  if (missing.length > 0) {
    const message = `${crd} is older than koncli ${VERSION}: it lacks ${missing.join(', ')}`;
    return { outcome: 'failure', message, advice: INSTALL_IT };
  }
  if (changed.length === 0) return ok(`${crd} matches koncli ${VERSION}`);
  const message = `${crd} does not match koncli ${VERSION}: it differs at ${changed.join(', ')}`;
  return warning(message, `use the koncli version of that CRD, or install the CRD of this one with ${INSTALL}`);
}

function crdOf({ plural }: KindDefinition): string {
  return `${plural}.${API_GROUP}`;
}

function referenceTo({ kind }: KindDefinition): KindReference {
  return { groupVersion: API_GROUP_VERSION, kind };
}

function ownSchema(kind: KindDefinition): object {
  const [version] = customResourceDefinition(kind).spec.versions;
  return version?.schema.openAPIV3Schema ?? {};
}
