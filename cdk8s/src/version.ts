// The one place that says which version of Konductor the constructs belong to.
import { createRequire } from 'node:module';

/** The version of this package; the images and the CRD of an install have the same. */
export const VERSION: string = createRequire(import.meta.url)('../package.json').version;
