// The operator's version and names, as --version prints them and the API server's audit log shows them.
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
export const USER_AGENT = `konductor-operator/${VERSION}`;
export const FIELD_MANAGER = 'konductor-operator';
