// Whether the cluster checks WaitGroups by the schema that this koncli was made with.
import { AbortedError, isServed, servedSchema } from '@konductor/client';
import { API_GROUP_VERSION, customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { INSTALL } from '../failure/failure.ts';
import { EXIT_CODE } from '../process/exit-code.ts';
import { VERSION } from '../version.ts';
import { type Finding, ok, type Patient, warning } from './check.ts';
import { compareSchemas, type SchemaDifferences } from './schema-differences.ts';

const INSTALL_IT = `install it with ${INSTALL}`;
const WAIT_GROUP = { groupVersion: API_GROUP_VERSION, kind: waitGroupKind.kind };
const KIND = `${WAIT_GROUP.kind} of ${WAIT_GROUP.groupVersion}`;

/** Throws what the client throws where nothing of Konductor is installed. */
export async function examineCrd({ transport, limits }: Patient): Promise<Finding> {
  if (!(await isServed(transport, WAIT_GROUP, limits)))
    return { outcome: 'failure', message: `there is no ${KIND}`, advice: INSTALL_IT, code: EXIT_CODE.notFound };
  try {
    const served = await servedSchema(transport, WAIT_GROUP, limits);
    return served ? describe(compareSchemas(ownSchema(), served)) : unpublished('it is not published yet');
  } catch (error) {
    if (error instanceof AbortedError || !(error instanceof Error)) throw error;
    return unpublished(error.message);
  }
}

/** Objects are checked all the same: only the comparison is missing. */
function unpublished(reason: string): Finding {
  return warning(`the ${KIND} is served; its schema cannot be read, ${reason}`, 'try again');
}

function describe({ missing, changed }: SchemaDifferences): Finding {
  if (missing.length > 0) {
    const message = `the ${KIND} is older than koncli ${VERSION}: it lacks ${missing.join(', ')}`;
    return { outcome: 'failure', message, advice: INSTALL_IT };
  }
  if (changed.length === 0) return ok(`the ${KIND} is that of koncli ${VERSION}`);
  const message = `the ${KIND} is not that of koncli ${VERSION}: it differs at ${changed.join(', ')}`;
  return warning(message, `use the koncli of its version, or install this one's with ${INSTALL}`);
}

function ownSchema(): object {
  const [version] = customResourceDefinition(waitGroupKind).spec.versions;
  return version?.schema.openAPIV3Schema ?? {};
}
