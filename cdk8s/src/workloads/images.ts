// The images that constructs and manifests use unless others are set.
import { IMAGE_REPOSITORY, VERSION } from '../version.ts';

/** The image of koncli of this version. It is not published: build it, and push it or load it into the cluster's nodes. */
export const KONCLI_IMAGE = `${IMAGE_REPOSITORY}/koncli:${VERSION}`;

/** The image of the operator of this version. It is not published: build it, and push it or load it into the cluster's nodes. */
export const OPERATOR_IMAGE = `${IMAGE_REPOSITORY}/operator:${VERSION}`;
