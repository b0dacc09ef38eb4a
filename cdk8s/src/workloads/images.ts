// The images that constructs and manifests use unless others are set.
import { VERSION } from '../version.ts';

/** No registry serves this name, so a node without the images cannot pull those of a stranger. */
export const REPOSITORY = 'localhost/konductor';

/** The image of koncli of this version. It is not published: build it, and push it or load it into the cluster's nodes. */
export const KONCLI_IMAGE = `${REPOSITORY}/koncli:${VERSION}`;

/** The image of the operator of this version. It is not published: build it, and push it or load it into the cluster's nodes. */
export const OPERATOR_IMAGE = `${REPOSITORY}/operator:${VERSION}`;
