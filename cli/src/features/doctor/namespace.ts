// Checks that the namespace exists: no permission in a mistyped one helps.
import { ForbiddenError, NotFoundError, resourcePath } from '@konductor/client';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { type CheckContext, type Finding, ok } from './check.ts';

/** A namespace that the caller may not read is not a problem: WaitGroups need no permission on it. */
export async function examineNamespace({ transport, namespace, limits }: CheckContext): Promise<Finding> {
  const path = resourcePath({ apiVersion: 'v1', resource: 'namespaces', name: namespace });
  try {
    await transport.request({ method: 'GET', path, ...limits });
    return ok(`"${namespace}" exists`);
  } catch (error) {
    if (error instanceof ForbiddenError) return ok(`"${namespace}"; whether it exists cannot be read (forbidden)`);
    if (!(error instanceof NotFoundError)) throw error;
    const advice = 'create it, or select another with -n';
    return { outcome: 'failure', message: `"${namespace}" not found`, advice, code: EXIT_CODE.notFound };
  }
}
