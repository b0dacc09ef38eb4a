// The operator's version, as --version prints it and the API server's audit log shows it.
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
export const USER_AGENT = `konductor-operator/${VERSION}`;
