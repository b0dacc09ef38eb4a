// The operator's version, and the names under which the API server's audit log and managedFields show it.
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
export const USER_AGENT = `konductor-operator/${VERSION}`;
export const FIELD_MANAGER = 'konductor-operator';
