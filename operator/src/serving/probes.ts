// /healthz: the process answers. /readyz: its cache is complete and it has not begun to stop.
import type { Routes } from './http-server.ts';

export interface ReadinessSource {
  readonly hasSynced: boolean;
  readonly isStopping: boolean;
}

export function probeRoutes(source: ReadinessSource): Routes {
  return {
    '/healthz': () => ({ code: 200, body: 'ok' }),
    '/readyz': () => {
      if (source.isStopping) return { code: 503, body: 'stopping' };
      return source.hasSynced ? { code: 200, body: 'ok' } : { code: 503, body: 'the cache is not complete yet' };
    },
  };
}
