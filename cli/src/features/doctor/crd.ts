// Compares the CRD of the cluster with the one of this koncli version.
import { AbortedError, isServed, servedSchema, sleep } from '@konductor/client';
import { API_GROUP, API_GROUP_VERSION, customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { INSTALL } from '../../failure/failure.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { VERSION } from '../../version.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { compareSchemas, type SchemaDifferences } from './schema-differences.ts';

const INSTALL_IT = `install it with ${INSTALL}`;
const WAIT_GROUP = { groupVersion: API_GROUP_VERSION, kind: waitGroupKind.kind };
const CRD = `${waitGroupKind.plural}.${API_GROUP}`;
/** The API server publishes the schema a moment after the CRD is installed. */
const PUBLISHING_MS = 5_000;
const RETRY_MS = 200;

/** Throws the client's error where no kind of Konductor is installed. */
export async function examineCrd(context: CheckContext): Promise<Finding> {
  if (!(await isServed(context.transport, WAIT_GROUP, context.limits)))
    return { outcome: 'failure', message: `${CRD} is not installed`, advice: INSTALL_IT, code: EXIT_CODE.notFound };
  try {
    const served = await publishedSchema(context);
    return served ? describe(compareSchemas(ownSchema(), served)) : unpublished('it is not published yet');
  } catch (error) {
    if (error instanceof AbortedError || !(error instanceof Error)) throw error;
    return unpublished(error.message);
  }
}

async function publishedSchema(context: CheckContext): Promise<object | undefined> {
  const endsAt = performance.now() + PUBLISHING_MS;
  for (;;) {
    const served = await servedSchema(context.transport, WAIT_GROUP, context.limits);
    if (served || performance.now() >= endsAt) return served;
    await sleep(RETRY_MS, context.limits.signal);
  }
}

/** The API server still validates objects: only the comparison is missing. */
function unpublished(reason: string): Finding {
  return warning(`${CRD} is installed, but its schema cannot be read: ${reason}`, 'try again');
}

function describe({ missing, changed }: SchemaDifferences): Finding {
  if (missing.length > 0) {
    const message = `${CRD} is older than koncli ${VERSION}: it lacks ${missing.join(', ')}`;
    return { outcome: 'failure', message, advice: INSTALL_IT };
  }
  if (changed.length === 0) return ok(`${CRD} matches koncli ${VERSION}`);
  const message = `${CRD} does not match koncli ${VERSION}: it differs at ${changed.join(', ')}`;
  return warning(message, `use the koncli version of that CRD, or install the CRD of this one with ${INSTALL}`);
}

function ownSchema(): object {
  const [version] = customResourceDefinition(waitGroupKind).spec.versions;
  return version?.schema.openAPIV3Schema ?? {};
}
