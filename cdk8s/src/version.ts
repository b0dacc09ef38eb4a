// The one place that says which version of Konductor the constructs belong to. Written by .projenrc.ts.

/** The version of this package; the images and the CRD of an install have the same. */
export const VERSION: string = '0.1.0';

/** What the names of the images begin with: a registry and a path. */
export const IMAGE_REPOSITORY: string = 'localhost/konductor';

/** Where the documentation of this version is. */
export const DOCS_URL: string = 'https://github.com/konductor-io/waitgroup/blob/v0.1.0/docs';
