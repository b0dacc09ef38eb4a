// koncli's version, as `koncli version` prints it and the API server's audit log shows it.
import manifest from '../package.json' with { type: 'json' };

/** The version of this package. */
export const VERSION: string = manifest.version;
/** How koncli introduces itself to the API server. */
export const USER_AGENT = `koncli/${VERSION}`;
