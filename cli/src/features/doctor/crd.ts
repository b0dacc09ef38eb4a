// Compares the CRD of the cluster with the one of this koncli version.
import { AbortedError, isServed, servedSchema } from '@konductor/client';
import { API_GROUP, API_GROUP_VERSION, customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { INSTALL } from '../../failure/failure.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { VERSION } from '../../version.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { compareSchemas, type SchemaDifferences } from './schema-differences.ts';

const INSTALL_IT = `install it with ${INSTALL}`;
const WAIT_GROUP = { groupVersion: API_GROUP_VERSION, kind: waitGroupKind.kind };
const CRD = `${waitGroupKind.plural}.${API_GROUP}`;

/** Throws the client's error where no kind of Konductor is installed. */
export async function examineCrd({ transport, limits }: CheckContext): Promise<Finding> {
  if (!(await isServed(transport, WAIT_GROUP, limits)))
    return { outcome: 'failure', message: `${CRD} is not installed`, advice: INSTALL_IT, code: EXIT_CODE.notFound };
  try {
    const served = await servedSchema(transport, WAIT_GROUP, limits);
    return served ? describe(compareSchemas(ownSchema(), served)) : unpublished('it is not published yet');
  } catch (error) {
    if (error instanceof AbortedError || !(error instanceof Error)) throw error;
    return unpublished(error.message);
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
