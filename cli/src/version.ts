// The version of koncli, for `koncli version` and the User-Agent header.
import manifest from '../package.json' with { type: 'json' };

/** The version of this package. */
export const VERSION: string = manifest.version;
/** The User-Agent header, as the API server's audit log shows it. */
export const USER_AGENT = `koncli/${VERSION}`;
